import type { Command } from 'commander'
import { registerAdd } from './module-add.ts'
import { registerApprove } from './module-approve.ts'
import { registerAudit } from './module-audit.ts'
import { registerDeprecate } from './module-deprecate.ts'
import { registerDev } from './module-dev.ts'
import { registerDiff } from './module-diff.ts'
import { registerGrants } from './module-grants.ts'
import { registerInspect } from './module-inspect.ts'
import { registerInfo } from './module-info.ts'
import { registerInit } from './module-init.ts'
import { registerLock } from './module-lock.ts'
import { registerLogin } from './module-login.ts'
import { registerOutdated } from './module-outdated.ts'
import { registerOwner } from './module-owner.ts'
import { registerPack } from './module-pack.ts'
import { registerPublish } from './module-publish.ts'
import { registerRecord } from './module-record.ts'
import { registerReplay } from './module-replay.ts'
import { registerScope } from './module-scope.ts'
import { registerSearch } from './module-search.ts'
import { registerTag } from './module-tag.ts'
import { registerTest } from './module-test.ts'
import { registerUpdate } from './module-update.ts'
import { registerVendor } from './module-vendor.ts'
import { registerVerify } from './module-verify.ts'
import { registerWhy } from './module-why.ts'
import { registerYank } from './module-yank.ts'

/** `ingot module …`: for those who write modules, and for those who use them. */
export function register(program: Command): void {
  const module = program.command('module').description('makes, tests, records, publishes and pins modules')
  const commands = [
    registerInit,
    registerDev,
    registerTest,
    registerInspect,
    registerRecord,
    registerReplay,
    registerPack,
    registerPublish,
    registerApprove,
    registerYank,
    registerDeprecate,
    registerTag,
    registerSearch,
    registerInfo,
    registerDiff,
    registerAdd,
    registerUpdate,
    registerOutdated,
    registerWhy,
    registerGrants,
    registerAudit,
    registerVerify,
    registerVendor,
    registerLock,
    registerLogin,
    registerOwner,
    registerScope,
  ]
  for (const add of commands) add(module)
}
