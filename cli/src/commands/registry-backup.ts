import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { backupRegistry, checkRegistry, restoreRegistry, type StorageOptions } from '@ingot/registry-server'
import type { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { addStorageFlags, storageOf, type StorageFlags } from './registry-storage.ts'

/** `ingot registry backup|restore|check`: on the storage itself, whether a server runs on it or not. */
export function registerBackup(registry: Command): void {
  addStorageFlags(registry.command('backup <folder>'))
    .description('writes facts, modules and keys to a folder, as they are at one moment; a server may go on')
    .action(backup)
  addStorageFlags(registry.command('restore <folder>'))
    .description('fills empty storage of any kind from a backup: also the way from SQLite to PostgreSQL and S3')
    .action(restore)
  addStorageFlags(registry.command('check'))
    .description('reads everything and compares it: the log, what it tells of versions, every module, the audit trail')
    .action(check)
}

async function backup(folder: string, flags: StorageFlags): Promise<void> {
  const { rows, blobs, blobsCopied } = await backupRegistry(existing(flags), resolve(folder))
  say(`backed up ${rows} facts and ${blobs} modules, of which the folder lacked ${blobsCopied}`)
}

async function restore(folder: string, flags: StorageFlags): Promise<void> {
  const { rows, blobs } = await restoreRegistry(storageOf(flags), resolve(folder))
  say(`restored ${rows} facts and ${blobs} modules`)
}

async function check(flags: StorageFlags): Promise<void> {
  const { leaves, versions, blobs, problems } = await checkRegistry(existing(flags))
  for (const problem of problems) say(`wrong: ${problem}`)
  say(`checked ${leaves} events, ${versions} versions and ${blobs} modules`)
  if (problems.length > 0) throw new CommandError(`Cannot vouch for the registry: found ${problems.length} problems`)
}

/** What is backed up and checked must be there: storage that is opened is made. */
function existing(flags: StorageFlags): StorageOptions {
  const storage = storageOf(flags)
  if (storage.database !== undefined || existsSync(join(storage.dataDir, 'registry.db'))) return storage
  throw new CommandError(`Cannot find a registry in "${storage.dataDir}": want the folder that one is served from`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
