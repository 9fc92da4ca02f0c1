import { moduleChanges, planLock } from '@ingot/loader'
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { addChangeOptions } from '../module-changes/change-options.ts'
import { readConfiguredModules } from '../module-changes/configured-modules.ts'
import { finishChanges, type ChangeFlags } from '../module-changes/finish-changes.ts'
import { showPlanProgress } from '../module-changes/show-plan-progress.ts'

/** `ingot module update`: newer versions within the ranges of a configuration, and the lock as its imports want it. */
export function registerUpdate(module: Command): void {
  const command = module
    .command('update')
    .description('pins the newest versions that the imports of a configuration allow')
    .argument('[names...]', '@scope/name of each module to update, dependencies too (default: all)')
  addChangeOptions(command).action(update)
}

async function update(names: readonly string[], flags: ChangeFlags): Promise<void> {
  const modules = await readConfiguredModules(flags.config)
  const { file, text, imports, registries, lock, cache } = modules
  const pinned = Object.keys(lock?.modules ?? {}).map((key) => key.slice(0, key.lastIndexOf('@')))
  const unknown = names.find((name) => !pinned.includes(name) && !imports.some(({ module }) => module === name))
  if (unknown !== undefined) {
    throw new CommandError(`Cannot update "${unknown}": neither "${file}" nor ingot.lock names it`)
  }
  const plan = await planLock({
    imports,
    file,
    update: names.length === 0 ? 'all' : names,
    registries,
    lock,
    cache,
    onProgress: showPlanProgress(),
  })
  const { resolution } = plan
  const changes = moduleChanges(lock, plan)
  await finishChanges(modules, { lock: plan.lock, text, imports, changes, resolution }, flags)
}
