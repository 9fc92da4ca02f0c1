import type { ModuleChange, Resolution } from '@ingot/loader'
import type { Lockfile } from '@ingot/manifest'
import type { ImportText } from '../config-text/read-imports.ts'
import { useColor } from '../use-color.ts'
import { changeLines } from './change-lines.ts'
import { writeConfiguredModules, type ConfiguredModules } from './configured-modules.ts'
import { increaseExitCode, reviewChanges } from './review-changes.ts'

export interface ChangeFlags {
  readonly config: string
  readonly acceptCapabilities?: boolean
  readonly dryRun?: boolean
  readonly json?: boolean
}

export interface PlannedChanges {
  readonly lock: Lockfile
  /** Of the configuration. */
  readonly text: string
  readonly imports: readonly ImportText[]
  readonly changes: readonly ModuleChange[]
  readonly resolution: Resolution
  /** What else people are told, before the changes and behind them. */
  readonly before?: readonly string[]
  readonly after?: readonly string[]
}

interface StandingWarning {
  readonly module: string
  readonly version: string
  readonly kind: string
  readonly message: string
}

/** What registries say against versions that were chosen all the same, and against those that stay. */
function standingWarnings({ modules }: Resolution): StandingWarning[] {
  return modules.flatMap(({ module, line, standing }) =>
    standing.map(({ kind, message }) => ({ module, version: line.v, kind, message })),
  )
}

/** Shows changes, and writes them unless they bring powers that nobody has accepted, or only the look was wanted. */
export async function finishChanges(
  modules: ConfiguredModules,
  planned: PlannedChanges,
  flags: ChangeFlags,
): Promise<void> {
  const changes = reviewChanges(planned.changes, planned.imports)
  const refused = flags.acceptCapabilities !== true && changes.some(({ increases }) => increases.length > 0)
  const warnings = standingWarnings(planned.resolution)
  const written = !refused && flags.dryRun !== true
  if (written) await writeConfiguredModules(modules, planned)
  if (flags.json === true) {
    process.stdout.write(
      `${JSON.stringify({ changes, warnings, refused, written, lock: modules.lockPath }, null, 2)}\n`,
    )
  } else {
    const lines = changeLines(changes, useColor(process.stdout))
    process.stdout.write(`${[...(planned.before ?? []), ...lines, ...(planned.after ?? [])].join('\n')}\n`)
  }
  for (const { kind, module, version, message } of warnings) {
    process.stderr.write(`warning[${kind}]: ${module}@${version}: ${message}\n`)
  }
  if (!refused) return
  process.stderr.write(
    'error[capability-increase]: Cannot pin these versions: found capabilities that nobody has accepted (marked with !)\n' +
      '  hint: grant them in the import.module block, or accept them: --accept-capabilities\n',
  )
  process.exitCode = increaseExitCode
}
