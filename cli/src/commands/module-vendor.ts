import { relative } from 'node:path'
import { vendorModules } from '@ingot/loader'
import { moduleKey } from '@ingot/manifest'
import type { Command } from 'commander'
import { readPinnedConfiguration } from '../module-changes/pinned-configuration.ts'
import { showPlanProgress } from '../module-changes/show-plan-progress.ts'

interface Flags {
  readonly config: string
  readonly json?: boolean
}

/** `ingot module vendor`: pinned modules, with what it takes to verify them, into the repository. */
export function registerVendor(module: Command): void {
  module
    .command('vendor')
    .description('copies every pinned module, and what it takes to verify it, into a folder beside ingot.lock')
    .requiredOption('--config <file>', 'configuration whose registry blocks say where modules come from')
    .option('--json', 'prints the result as JSON')
    .action(vendor)
}

async function vendor(flags: Flags): Promise<void> {
  const pinned = await readPinnedConfiguration(flags.config)
  const progress = showPlanProgress()
  const onProgress = (module: string): void => progress({ state: 'fetching', module })
  const modules = await vendorModules({ ...pinned, onProgress })
  const keys = modules.map(({ module, version }) => moduleKey(module, version))
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify({ folder: pinned.vendorDir, modules: keys }, null, 2)}\n`)
  } else {
    const folder = relative('.', pinned.vendorDir)
    process.stdout.write(`${keys.map((key) => `  ${key}\n`).join('')}vendored ${keys.length} modules in ${folder}\n`)
  }
}
