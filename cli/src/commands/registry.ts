import type { Command } from 'commander'
import { registerBackup } from './registry-backup.ts'
import { registerExport } from './registry-export.ts'
import { registerKeys } from './registry-keys.ts'
import { registerPublishDistribution } from './registry-publish-distribution.ts'
import { registerMirror } from './registry-mirror.ts'
import { registerServe } from './registry-serve.ts'
import { registerToken } from './registry-token.ts'
import { registerUser } from './registry-user.ts'
import { registerWebhook } from './registry-webhook.ts'

/** `ingot registry …`: runs a registry. */
export function register(program: Command): void {
  const registry = program.command('registry').description('serves modules to collectors')
  const commands = [
    registerServe,
    registerToken,
    registerUser,
    registerWebhook,
    registerKeys,
    registerExport,
    registerMirror,
    registerBackup,
    registerPublishDistribution,
  ]
  for (const add of commands) add(registry)
}
