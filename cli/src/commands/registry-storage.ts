import { resolve } from 'node:path'
import type { StorageOptions } from '@ingot/registry-server'
import { Option, type Command } from 'commander'

export interface StorageFlags {
  readonly data: string
  readonly database?: string
  readonly blobs?: string
}

/** The flags by which every command finds a registry's storage. An environment variable keeps a password out of lists of processes. */
export function addStorageFlags(command: Command): Command {
  return command
    .option(
      '--data <folder>',
      'folder of the registry: its keys, uploads under way, and what the others do not move',
      'data-registry',
    )
    .addOption(
      new Option('--database <url>', '"postgres://…": keeps facts in PostgreSQL, not in a SQLite file').env(
        'INGOT_REGISTRY_DATABASE',
      ),
    )
    .addOption(
      new Option('--blobs <url>', '"s3://bucket/prefix": keeps modules in a bucket, not in files').env(
        'INGOT_REGISTRY_BLOBS',
      ),
    )
}

/** An empty variable is one that is not set. */
export function storageOf({ data, database, blobs }: StorageFlags): StorageOptions {
  return { dataDir: resolve(data), database: database || undefined, blobs: blobs || undefined }
}
