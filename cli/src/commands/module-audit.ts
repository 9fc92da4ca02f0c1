import { styleText } from 'node:util'
import { auditModules, type Finding } from '@ingot/loader'
import { moduleKey } from '@ingot/manifest'
import type { Command } from 'commander'
import { readPinnedConfiguration } from '../module-changes/pinned-configuration.ts'
import { showPlanProgress } from '../module-changes/show-plan-progress.ts'
import { useColor } from '../use-color.ts'

/** Something was found to act upon: scripts tell it from a failure to look. */
const findingsExitCode = 5

interface Flags {
  readonly config: string
  readonly strict?: boolean
  readonly json?: boolean
}

/** `ingot module audit`: what registries know by now of the modules that are pinned. */
export function registerAudit(module: Command): void {
  module
    .command('audit')
    .description(
      'tells of pinned modules that are known to be harmful, were taken back or are deprecated, and of ageing keys',
    )
    .requiredOption('--config <file>', 'configuration whose registry blocks say where modules come from')
    .option('--strict', 'counts warnings too: the exit code is 5 for them')
    .option('--json', 'prints the result as JSON')
    .action(audit)
}

async function audit(flags: Flags): Promise<void> {
  const { lock, registries, cache } = await readPinnedConfiguration(flags.config)
  const progress = showPlanProgress()
  const onProgress = (module: string): void => progress({ state: 'reading', module })
  const findings = await auditModules({ lock, registries, cache, now: new Date(), onProgress })
  const modules = Object.keys(lock.modules).length
  if (flags.json === true) process.stdout.write(`${JSON.stringify({ modules, findings }, null, 2)}\n`)
  else process.stdout.write(`${[...findings.map(line), summary(modules, findings)].join('\n')}\n`)
  const counted = findings.filter(({ severity }) => severity === 'error' || flags.strict === true)
  if (counted.length > 0) process.exitCode = findingsExitCode
}

function line({ module, version, registry, severity, kind, message }: Finding): string {
  const about = module === undefined ? `registry "${registry}"` : moduleKey(module, version!)
  const word = `${severity}[${kind}]`
  const shown = useColor(process.stdout)
    ? styleText(severity === 'error' ? 'red' : 'yellow', word, { validateStream: false })
    : word
  return `${shown} ${about}: ${message}`
}

function summary(modules: number, findings: readonly Finding[]): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length
  if (findings.length === 0) return `nothing is known against ${modules} modules`
  return `${errors} errors and ${findings.length - errors} warnings in ${modules} modules`
}
