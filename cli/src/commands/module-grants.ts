import { styleText } from 'node:util'
import { lookUpVersion, whyLocked } from '@ingot/loader'
import { moduleKey } from '@ingot/manifest'
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import type { ImportText } from '../config-text/read-imports.ts'
import { compareGrants, type GrantComparison, type GrantLine } from '../module-changes/compare-grants.ts'
import { readConfiguredModules, type ConfiguredModules } from '../module-changes/configured-modules.ts'
import { increaseExitCode } from '../module-changes/review-changes.ts'
import { useColor } from '../use-color.ts'
import { moduleArgument } from '../version-changes/version-argument.ts'

interface Flags {
  readonly config: string
  readonly json?: boolean
}

/** `ingot module grants`: what a version asks for beside what a configuration grants. Grants are written by people: it writes none. */
export function registerGrants(module: Command): void {
  module
    .command('grants')
    .description('shows what a version requests beyond the grants of a configuration, and the lines to add')
    .argument('<module[@version]>', 'such as "@acme/redact@1.5.0"; without a version the latest')
    .requiredOption('--config <file>', 'configuration with the grant blocks')
    .option('--json', 'prints the result as JSON')
    .action(grants)
}

async function grants(text: string, flags: Flags): Promise<void> {
  const { name, version } = moduleArgument(text)
  const modules = await readConfiguredModules(flags.config)
  const imports = importsOf(name, modules)
  const { registries, lock, cache } = modules
  const { manifest } = await lookUpVersion({ module: name, version, registries, lock, cache })
  const compared = imports.map((each) => ({ ...compareGrants(manifest, each), grant: each.grant.size > 0 }))
  const missing = compared.some(({ add }) => Object.keys(add).length > 0)
  if (flags.json === true) {
    const told = compared.map(({ grant: _, ...each }) => each)
    process.stdout.write(
      `${JSON.stringify({ module: name, version: manifest.version, missing, imports: told }, null, 2)}\n`,
    )
  } else {
    const color = useColor(process.stdout)
    const key = moduleKey(name, manifest.version)
    process.stdout.write(`${compared.flatMap((each) => describe(key, each, flags.config, color)).join('\n')}\n`)
  }
  if (missing) process.exitCode = increaseExitCode
}

/** Those that name the module, and those that bring it along: each has to grant what it asks for. */
function importsOf(name: string, { imports, lock, path }: ConfiguredModules): readonly ImportText[] {
  const roots = new Set(lock ? whyLocked(lock, name).flatMap(({ chains }) => chains.map(([root]) => root)) : [])
  const found = imports.filter(({ module, file, namespace }) => module === name || roots.has(`${file}#${namespace}`))
  if (found.length > 0) return found
  throw new CommandError(
    `Cannot compare grants of "${name}": "${path}" has no import.module that leads to it`,
    'ingot module add shows what a module requests before it is imported: --dry-run',
  )
}

function describe(
  key: string,
  { namespace, requests, unused, add, grant }: GrantComparison & { readonly grant: boolean },
  config: string,
  color: boolean,
): string[] {
  const lines = Object.entries(add).map(
    ([name, values]) => `  ${name} = ${JSON.stringify(values).replaceAll('","', '", "')}`,
  )
  const block = grant ? lines : ['  grant {', ...lines.map((line) => `  ${line}`), '  }']
  const where = `import.module "${namespace}" of ${config}`
  return [
    `${key} for import.module "${namespace}":`,
    ...(requests.length === 0
      ? ['  it requests nothing that has to be granted']
      : requests.map((line) => requestLine(line, color))),
    ...unused.map(({ capability, target }) => `  unused       ${capability} ${target}  it does not ask for that`),
    ...(lines.length === 0
      ? []
      : [`to grant what is missing, write into ${grant ? 'the grant block of ' : ''}${where}:`, ...block]),
  ]
}

function requestLine({ capability, target, state, why }: GrantLine, color: boolean): string {
  const line = `${state === 'missing' ? '+' : ' '} ${state.padEnd(11)}  ${capability} ${target}  ${why}`
  return color && state === 'missing' ? styleText('red', line, { validateStream: false }) : line
}
