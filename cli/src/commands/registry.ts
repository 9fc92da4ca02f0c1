import type { Command } from 'commander'
import { registerBackup } from './registry-backup.ts'
import { registerExport } from './registry-export.ts'
import { registerKeys } from './registry-keys.ts'
import { registerPublishDistribution } from './registry-publish-distribution.ts'
import { registerMirror } from './registry-mirror.ts'
import { registerServe } from './registry-serve.ts'
import { registerToken } from './registry-token.ts'

/** `ingot registry …`: runs a registry. */
export function register(program: Command): void {
  const registry = program.command('registry').description('serves modules to collectors')
  for (const add of [
    registerServe,
    registerToken,
    registerKeys,
    registerExport,
    registerMirror,
    registerBackup,
    registerPublishDistribution,
  ])
    add(registry)
}
