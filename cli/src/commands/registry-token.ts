import { resolve } from 'node:path'
import { createToken, openMetaStore } from '@ingot/registry-server'
import type { Command } from 'commander'

interface Flags {
  readonly data: string
  readonly modules: string
  readonly description: string
  readonly days: string
}

/** `ingot registry token create`: works on the registry's folder, whether a server runs on it or not. */
export function registerToken(registry: Command): void {
  registry
    .command('token')
    .description('tokens that may publish')
    .command('create')
    .description('makes a token and prints it once')
    .option('--data <folder>', 'folder of the registry', 'data-registry')
    .requiredOption('--modules <pattern>', 'what it may publish: "@scope/name", "@scope/*" or "*"')
    .option('--description <text>', 'who it is for: stands in the statements about what it publishes', 'command line')
    .option('--days <n>', 'how long it is valid, at most 90', '30')
    .action(create)
}

async function create(flags: Flags): Promise<void> {
  const store = await openMetaStore(resolve(flags.data))
  try {
    const { modules, description } = flags
    const { token, expiresAt } = await createToken(store, {
      modules,
      description,
      lifetimeDays: Number(flags.days),
    })
    process.stderr.write(`valid until ${expiresAt} for ${modules}\n`)
    process.stdout.write(`${token}\n`)
  } finally {
    await store.close()
  }
}
