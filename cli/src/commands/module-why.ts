import { dirname, join } from 'node:path'
import { readLock, whyLocked, type WhyLocked } from '@ingot/loader'
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'

interface Flags {
  readonly config: string
  readonly json?: boolean
}

/** `ingot module why`: what leads to a module. Reads the lock and asks nobody. */
export function registerWhy(module: Command): void {
  module
    .command('why')
    .description('shows which imports lead to a module that ingot.lock pins')
    .argument('<name>', '@scope/name')
    .requiredOption('--config <file>', 'configuration beside which ingot.lock lies')
    .option('--json', 'prints the result as JSON')
    .action(why)
}

async function why(name: string, flags: Flags): Promise<void> {
  const path = join(dirname(flags.config), 'ingot.lock')
  const lock = await readLock(path)
  const versions = lock ? whyLocked(lock, name) : []
  if (versions.length === 0) throw new CommandError(`Cannot say why "${name}" is there: "${path}" does not pin it`)
  if (flags.json === true) process.stdout.write(`${JSON.stringify({ module: name, versions }, null, 2)}\n`)
  else process.stdout.write(`${versions.flatMap((found) => lines(name, found)).join('\n')}\n`)
}

function lines(name: string, { version, chains, more }: WhyLocked): string[] {
  const key = `${name}@${version}`
  const told = chains.map((chain) => `  ${[...chain, key].join(' → ')}`)
  return [key, ...told, ...(more ? ['  and other ways'] : [])]
}
