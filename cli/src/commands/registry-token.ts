import { createToken, openStorage } from '@ingot/registry-server'
import type { Command } from 'commander'
import { addStorageFlags, storageOf, type StorageFlags } from './registry-storage.ts'

interface Flags extends StorageFlags {
  readonly modules: string
  readonly description: string
  readonly days: string
}

/** `ingot registry token create`: works on the registry's folder, whether a server runs on it or not. */
export function registerToken(registry: Command): void {
  const token = registry.command('token').description('tokens that may publish')
  addStorageFlags(token.command('create'))
    .description('makes a token and prints it once')
    .requiredOption('--modules <pattern>', 'what it may publish: "@scope/name", "@scope/*" or "*"')
    .option('--description <text>', 'who it is for: stands in the statements about what it publishes', 'command line')
    .option('--days <n>', 'how long it is valid, at most 90', '30')
    .action(create)
}

async function create(flags: Flags): Promise<void> {
  const storage = await openStorage(storageOf(flags))
  try {
    const { modules, description } = flags
    const { token, record } = await createToken(storage.meta.tokens, {
      modules,
      description,
      lifetimeDays: Number(flags.days),
    })
    process.stderr.write(`valid until ${record.expiresAt} for ${modules}\n`)
    process.stdout.write(`${token}\n`)
  } finally {
    await storage.close()
  }
}
