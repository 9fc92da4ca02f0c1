import { styleText } from 'node:util'
import { latestVersion, versionDiff, type VersionDiffAnswer } from '@ingot/manifest'
import type { Command } from 'commander'
import type { RegistryApi } from '../account/registry-api.ts'
import { addRegistryFlags, print, registryOfFlags, type RegistryFlags } from '../account/registry-flags.ts'
import { CommandError } from '../command-error.ts'
import { useColor } from '../use-color.ts'
import { readIndex } from '../version-changes/read-index.ts'
import { versionArgument } from '../version-changes/version-argument.ts'

/** Files that are listed for people; `--json` has all. */
const filesMax = 40

type Paint = (style: 'red' | 'green' | 'yellow' | 'bold', text: string) => string

/** `ingot module diff`: what is different between two versions, powers first. */
export function registerDiff(module: Command): void {
  addRegistryFlags(module.command('diff'))
    .description('shows what is different between two versions: capabilities, schema, dependencies, files')
    .argument('<module@version>', 'the one before, such as "@acme/redact@1.4.2"')
    .argument('[version]', 'the one after (default: the latest)')
    .action(diff)
}

async function diff(before: string, after: string | undefined, flags: RegistryFlags): Promise<void> {
  const { name, version } = versionArgument(before)
  const api = await registryOfFlags(flags)
  const to = after ?? (await latest(api, name))
  const query = new URLSearchParams({ from: version, to })
  const answer = await api.json(versionDiff, 'GET', `/diff/${name}?${query.toString()}`)
  const color = useColor(process.stdout)
  const paint: Paint = (style, text) => (color ? styleText(style, text, { validateStream: false }) : text)
  print(flags, answer, `${diffLines(answer, paint).join('\n')}\n`)
}

async function latest(api: RegistryApi, name: string): Promise<string> {
  const { head, versions } = await readIndex(api, name)
  const found = latestVersion(
    versions.map((line) => ({ ...line, version: line.v })),
    head.tags['latest'],
  )
  if (found) return found.v
  throw new CommandError(`Cannot compare with the latest version of "${name}": found none that is active`)
}

/** Red is more power or what breaks a configuration, green is less power. */
function diffLines({ module, from, to, ...diff }: VersionDiffAnswer, paint: Paint): string[] {
  const parts: [string, string[]][] = [
    ['capabilities', capabilityLines(diff.capabilities, paint)],
    ['what configurations write and read', diff.schema.map((change) => schemaLine(change, paint))],
    ['dependencies', diff.dependencies.map((each) => dependencyLine(each, paint))],
    ['files', fileLines(diff.files)],
  ]
  const told = parts.filter(([, lines]) => lines.length > 0)
  const head = paint('bold', `${module} ${from} → ${to}`)
  if (told.length === 0) return [head, 'nothing is different']
  return [head, ...told.flatMap(([title, lines]) => [`${title}:`, ...lines.map((line) => `  ${line}`)])]
}

function capabilityLines({ added, widened, removed }: VersionDiffAnswer['capabilities'], paint: Paint): string[] {
  return [
    ...added.map((line) => paint('red', `+ ${line}`)),
    ...widened.map((line) => paint('red', `+ ${line.to} (was ${line.from})`)),
    ...removed.map((line) => paint('green', `- ${line}`)),
  ]
}

function schemaLine({ what, change, breaking }: VersionDiffAnswer['schema'][number], paint: Paint): string {
  return breaking ? paint('red', `! ${what} ${change} (breaking)`) : `  ${what} ${change}`
}

function dependencyLine({ name, from, to }: VersionDiffAnswer['dependencies'][number], paint: Paint): string {
  if (from === null) return paint('yellow', `+ ${name} ${to}`)
  return to === null ? `- ${name} ${from}` : `~ ${name} ${from} → ${to}`
}

function fileLines(files: VersionDiffAnswer['files']): string[] {
  const lines = files.map(({ path, from, to }) => {
    if (!from) return `+ ${path} (${to!.size} bytes)`
    return to ? `~ ${path} (${from.size} → ${to.size} bytes)` : `- ${path}`
  })
  const rest = lines.length > filesMax ? [`… and ${lines.length - filesMax} others`] : []
  return [...lines.slice(0, filesMax), ...rest]
}
