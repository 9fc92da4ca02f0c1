import { createHash, randomUUID } from 'node:crypto'
import { cp, mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import type { Transaction } from 'kysely'
import { openStorage, type StorageOptions } from '../registry.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import type { Schema } from '../storage/database/schema.ts'
import { backupTables, tableRows, type BackupTable } from './backup-tables.ts'
import { NamedBlobs } from './named-blobs.ts'

/** First line of `facts.ndjson`; every further one is `[table, row]`, but the last, which is `["end", rows]`. */
export interface BackupHead {
  readonly format: 1
  readonly migrations: readonly string[]
}

export interface BackupFigures {
  readonly rows: number
  readonly blobs: number
  /** Of them, those that the folder did not have. */
  readonly blobsCopied: number
}

/**
 * Writes a registry as it is at one moment to a folder, while servers may go on: all facts as text that every database
 * can take, all modules and stages that wait, and the keys. A backup that is interrupted leaves the one before it as it
 * was; one that is done has no bytes of tombstoned versions, whatever the one before it had.
 */
export async function backupRegistry(storage: StorageOptions, folder: string): Promise<BackupFigures> {
  const { meta, blobs, close } = await openStorage(storage)
  const temporary = join(folder, `facts.${randomUUID()}.tmp`)
  try {
    await mkdir(join(folder, 'blobs', 'sha512'), { recursive: true, mode: 0o700 })
    const { rows, named } = await meta.database.snapshot((reader) => writeFacts(reader, temporary))
    let blobsCopied = 0
    for (const sha512 of named.needed) if (await copyBlob(blobs, sha512, folder)) blobsCopied++
    await cp(join(storage.dataDir, 'keys'), join(folder, 'keys'), { recursive: true })
    await rename(temporary, join(folder, 'facts.ndjson'))
    for (const sha512 of named.gone) await rm(blobPath(folder, sha512), { force: true })
    return { rows, blobs: named.needed.size, blobsCopied }
  } finally {
    await rm(temporary, { force: true })
    await close()
  }
}

/** Resolves to what it wrote, and which blobs that names. */
async function writeFacts(
  reader: Transaction<Schema>,
  path: string,
): Promise<{ readonly rows: number; readonly named: NamedBlobs }> {
  const named = new NamedBlobs()
  const file = await open(path, 'wx', 0o600)
  try {
    const head: BackupHead = { format: 1, migrations: await appliedMigrations(reader) }
    await file.write(`${JSON.stringify(head)}\n`)
    let rows = 0
    for (const table of Object.keys(backupTables) as BackupTable[]) {
      for await (const page of tableRows(reader, table)) {
        rows += page.length
        for (const row of page) named.note(table, row)
        await file.write(page.map((row) => `${JSON.stringify([table, row])}\n`).join(''))
      }
    }
    await file.write(`${JSON.stringify(['end', rows])}\n`)
    await file.sync()
    return { rows, named }
  } finally {
    await file.close()
  }
}

/** The names of what has been applied, without the dialect: a backup is of no database in particular. */
export async function appliedMigrations(reader: Transaction<Schema>): Promise<string[]> {
  const applied = await reader.selectFrom('migrations').select('name').execute()
  return applied.map(({ name }) => name.replace(/\.\w+\.sql$/, '.sql')).sort()
}

export function blobPath(folder: string, sha512: string): string {
  return join(folder, 'blobs', 'sha512', sha512)
}

/** Resolves to whether it had to be copied. @throws when the registry's bytes are not those of the digest. */
async function copyBlob(blobs: BlobStore, sha512: string, folder: string): Promise<boolean> {
  const path = blobPath(folder, sha512)
  if (await stat(path).catch(() => undefined)) return false
  const found = await blobs.read(sha512)
  if (!found) {
    throw new Error(
      `Cannot back up the blob ${sha512}: the registry does not have it; back up again if something was taken away meanwhile, and else see what "ingot registry check" finds`,
    )
  }
  const temporary = `${path}.${randomUUID()}.tmp`
  const file = await open(temporary, 'wx', 0o600)
  try {
    await copyHashed(found.content, file, sha512)
    await rename(temporary, path)
    return true
  } finally {
    await rm(temporary, { force: true })
  }
}

async function copyHashed(content: AsyncIterable<string | Buffer>, file: FileHandle, sha512: string): Promise<void> {
  const hash = createHash('sha512')
  try {
    for await (const chunk of content) {
      const bytes = Buffer.from(chunk)
      hash.update(bytes)
      await file.write(bytes)
    }
    await file.sync()
  } finally {
    await file.close()
  }
  const digest = hash.digest('hex')
  if (digest !== sha512) throw new Error(`Cannot back up the blob ${sha512}: found bytes of sha512 ${digest}`)
}
