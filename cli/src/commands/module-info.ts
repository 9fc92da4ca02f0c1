import { latestVersion, type IndexLine } from '@ingot/manifest'
import type { Command } from 'commander'
import { addRegistryFlags, print, registryOfFlags, type RegistryFlags } from '../account/registry-flags.ts'
import { CommandError } from '../command-error.ts'
import { readIndex } from '../version-changes/read-index.ts'
import { moduleArgument } from '../version-changes/version-argument.ts'

/** Versions that are listed for people; `--json` has all. */
const listedMax = 20

/** `ingot module info`: what a registry says of a module, or of one version. */
export function registerInfo(module: Command): void {
  addRegistryFlags(module.command('info'))
    .description('shows what a registry says of a module, or of one version')
    .argument('<module[@version]>')
    .action(info)
}

async function info(text: string, flags: RegistryFlags): Promise<void> {
  const { name, version } = moduleArgument(text)
  const { head, versions: lines } = await readIndex(await registryOfFlags(flags), name)
  const known = lines.map((line) => ({ ...line, version: line.v }))
  const shown = version === undefined ? latestVersion(known, head.tags['latest']) : known.find(({ v }) => v === version)
  if (!shown && version !== undefined) throw new CommandError(`Cannot find "${text}" in the registry`)
  const told = [
    `${name}${head.deprecated ? `  deprecated: ${head.deprecated}${head.successor ? `, use ${head.successor}` : ''}` : ''}`,
    ...(shown ? versionLines(shown) : ['no active version']),
    'versions:',
    ...lines.toReversed().slice(0, listedMax).map(shortLine),
  ]
  print(flags, { ...head, versions: version === undefined ? lines : [shown] }, `${told.join('\n')}\n`)
}

function versionLines({
  v,
  published,
  publisher,
  trust,
  size,
  caps,
  components,
  deprecated,
  successor,
}: IndexLine): string[] {
  return [
    `version ${v}, published ${published} by ${publisher}, trust ${trust}, ${size} bytes`,
    ...(deprecated ? [`deprecated: ${deprecated}${successor ? `, use ${successor}` : ''}`] : []),
    `components: ${components.join(', ') || 'none'}`,
    ...(caps.summary.length === 0 ? ['asks the host for nothing'] : caps.summary.map((line) => `may ${line}`)),
  ]
}

function shortLine({ v, published, status, reason, deprecated }: IndexLine): string {
  const standing = status === 'active' ? '' : `  ${status}: ${reason ?? ''}`
  return `  ${v}  ${published.slice(0, 10)}${standing}${deprecated ? `  deprecated: ${deprecated}` : ''}`
}
