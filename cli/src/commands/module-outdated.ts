import { resolveLock, type ResolvedModule } from '@ingot/loader'
import { parseModuleKey, type Lockfile } from '@ingot/manifest'
import type { Command } from 'commander'
import { readConfiguredModules } from '../module-changes/configured-modules.ts'
import { showPlanProgress } from '../module-changes/show-plan-progress.ts'

interface Flags {
  readonly config: string
  readonly json?: boolean
}

interface OutdatedModule {
  readonly module: string
  readonly pinned: readonly string[]
  /** What `ingot module update` would pin. */
  readonly wanted: string
  readonly newest: string
  readonly rejected: ResolvedModule['rejected']
}

/** `ingot module outdated`: which modules have newer versions, and what keeps them from being taken. */
export function registerOutdated(module: Command): void {
  module
    .command('outdated')
    .description('lists modules of which there are newer versions, and why an update would not take them')
    .requiredOption('--config <file>', 'configuration whose registry blocks say where modules come from')
    .option('--json', 'prints the result as JSON')
    .action(outdated)
}

async function outdated(flags: Flags): Promise<void> {
  const { file, imports, registries, lock, cache } = await readConfiguredModules(flags.config)
  const options = { imports, file, registries, lock, cache, update: 'all' as const }
  const { modules } = await resolveLock({ ...options, onProgress: showPlanProgress() })
  const found = modules
    .map((resolved) => compared(resolved, lock))
    .filter(({ pinned, wanted, newest }) => !pinned.includes(wanted) || newest !== wanted)
  if (flags.json === true) process.stdout.write(`${JSON.stringify({ outdated: found }, null, 2)}\n`)
  else process.stdout.write(`${(found.length === 0 ? ['nothing is outdated'] : found.flatMap(lines)).join('\n')}\n`)
}

function compared({ module, line, rejected }: ResolvedModule, lock: Lockfile | undefined): OutdatedModule {
  const pinned = Object.keys(lock?.modules ?? {}).flatMap((key) => {
    const known = parseModuleKey(key)
    return known?.name === module ? [known.version] : []
  })
  return { module, pinned, wanted: line.v, newest: rejected[0]?.version ?? line.v, rejected }
}

function lines({ module, pinned, wanted, newest, rejected }: OutdatedModule): string[] {
  const now = pinned.length === 0 ? 'not pinned' : pinned.join(', ')
  return [
    `${module}  pinned ${now}  wanted ${wanted}  newest ${newest}`,
    ...rejected.map(({ version, reason }) => `  not ${version}: ${reason}`),
  ]
}
