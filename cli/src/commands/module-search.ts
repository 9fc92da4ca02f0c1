import { searchAnswer } from '@ingot/manifest'
import type { Command } from 'commander'
import { addRegistryFlags, print, registryOfFlags, type RegistryFlags } from '../account/registry-flags.ts'

interface Flags extends RegistryFlags {
  readonly signal?: string
  readonly kind?: string
  readonly capability?: string
  readonly cursor?: string
}

/** `ingot module search`: modules of a registry by words and by what they are. */
export function registerSearch(module: Command): void {
  addRegistryFlags(module.command('search'))
    .description('finds modules of a registry')
    .argument('[words...]')
    .option('--signal <name>', 'metrics, logs or traces')
    .option('--kind <name>', 'source, transform, sink, …')
    .option('--capability <name>', 'those that ask for it, or "none"')
    .option('--cursor <text>', 'goes on where the page before ended')
    .action(search)
}

async function search(words: string[], flags: Flags): Promise<void> {
  const { signal, kind, capability, cursor } = flags
  const parameters = new URLSearchParams({ q: words.join(' ') })
  for (const [name, value] of Object.entries({ signal, kind, capability, cursor })) {
    if (value !== undefined) parameters.set(name, value)
  }
  const answer = await (await registryOfFlags(flags)).json(searchAnswer, 'GET', `/search?${parameters.toString()}`)
  const lines = answer.items.map(({ name, version, description }) => `${name}@${version}  ${description}\n`)
  const rest = answer.next === null ? '' : `${answer.total} in all; go on with --cursor ${answer.next}\n`
  print(flags, answer, lines.length === 0 ? 'nothing found\n' : `${lines.join('')}${rest}`)
}
