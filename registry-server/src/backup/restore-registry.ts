import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { sql, type Transaction } from 'kysely'
import { openStorage, type Storage, type StorageOptions } from '../registry.ts'
import type { Schema } from '../storage/database/schema.ts'
import { appliedMigrations, blobPath, type BackupHead } from './backup-registry.ts'
import { backupTables, pageRows, type BackupRow, type BackupTable } from './backup-tables.ts'
import { NamedBlobs } from './named-blobs.ts'

/** Every line but the first. */
type FactLine = readonly [BackupTable, BackupRow] | readonly ['end', number]

export interface RestoreFigures {
  readonly rows: number
  readonly blobs: number
}

/**
 * Fills empty storage of any kind from a backup: after it every index, bundle and proof is what it was. Modules come
 * first and facts in one transaction, so that an interrupted restore leaves a registry in which nothing is published.
 * @throws when the storage is not empty, or the backup is not whole.
 */
export async function restoreRegistry(storage: StorageOptions, folder: string): Promise<RestoreFigures> {
  const opened = await openStorage(storage)
  try {
    await wantEmpty(opened, storage.dataDir)
    const blobs = await restoreBlobs(opened, folder)
    // Keys before facts: a server that found facts alone would make keys that nobody trusts.
    const keys = join(storage.dataDir, 'keys')
    try {
      await cp(join(folder, 'keys'), keys, { recursive: true })
      const rows = await opened.meta.database.write((transaction) => restoreFacts(transaction, folder))
      return { rows, blobs }
    } catch (error) {
      await rm(keys, { recursive: true, force: true })
      throw error
    }
  } finally {
    await opened.close()
  }
}

async function wantEmpty({ meta }: Storage, dataDir: string): Promise<void> {
  const tokens = await meta.database.read.selectFrom('tokens').select('id').limit(1).execute()
  if ((await meta.log.size()) > 0 || tokens.length > 0 || (await meta.factors.sealingKey()) !== undefined) {
    throw new Error('Cannot restore the registry: found one that is in use, want empty storage')
  }
  const keys = await readdir(join(dataDir, 'keys')).catch(() => [])
  if (keys.length > 0) throw new Error(`Cannot restore the registry: found keys in "${dataDir}", want an empty folder`)
}

/** Those that the facts need, and no other that lies in the folder: it may have bytes of what was tombstoned since. */
async function restoreBlobs({ blobs }: Storage, folder: string): Promise<number> {
  const { needed } = await namedBlobs(folder)
  for (const sha512 of needed) {
    const bytes = await readFile(blobPath(folder, sha512)).catch((cause: unknown) => {
      throw new Error(`Cannot restore the blob ${sha512}: the backup does not have it`, { cause })
    })
    const found = createHash('sha512').update(bytes).digest('hex')
    if (found !== sha512) throw new Error(`Cannot restore the blob ${sha512}: found bytes of sha512 ${found}`)
    const staged = blobs.stage()
    try {
      await writeFile(staged.path, bytes)
      await blobs.keep(staged, sha512)
    } finally {
      await staged.discard()
    }
  }
  return needed.size
}

async function namedBlobs(folder: string): Promise<NamedBlobs> {
  const named = new NamedBlobs()
  let atHead = true
  for await (const line of factLines(folder)) {
    const fact = atHead ? undefined : parseLine<FactLine>(line)
    if (fact && fact[0] !== 'end') named.note(fact[0], fact[1])
    atHead = false
  }
  return named
}

function factLines(folder: string): Interface {
  return createInterface({ input: createReadStream(join(folder, 'facts.ndjson')) })
}

async function restoreFacts(transaction: Transaction<Schema>, folder: string): Promise<number> {
  const page: BackupRow[] = []
  let table: BackupTable | undefined
  let rows = 0
  let head: BackupHead | undefined
  let end: number | undefined
  const flush = async (): Promise<void> => {
    if (page.length > 0) await insert(transaction, table!, page.splice(0))
  }
  for await (const line of factLines(folder)) {
    if (!head) {
      head = parseLine<BackupHead>(line)
      await wantSameSchema(transaction, head)
      continue
    }
    const [name, content] = parseLine<FactLine>(line)
    if (name !== table || page.length >= pageRows) await flush()
    if (name === 'end') {
      end = content
      continue
    }
    if (!(name in backupTables))
      throw new Error(`Cannot restore the registry: found rows of the table "${String(name)}"`)
    table = name
    page.push(content)
    rows++
  }
  if (end !== rows)
    throw new Error(`Cannot restore the registry: found ${rows} facts, want ${end ?? 'the end of them'}`)
  await searchAgain(transaction)
  return rows
}

function parseLine<T>(line: string): T {
  try {
    return JSON.parse(line) as T
  } catch (cause) {
    throw new Error('Cannot restore the registry: found a line that is cut off', { cause })
  }
}

async function wantSameSchema(transaction: Transaction<Schema>, { format, migrations }: BackupHead): Promise<void> {
  if (format === 1 && JSON.stringify(await appliedMigrations(transaction)) === JSON.stringify(migrations)) return
  throw new Error(
    'Cannot restore the registry: the backup is of another version of Ingot; restore it there, then update',
  )
}

async function insert(transaction: Transaction<Schema>, table: BackupTable, rows: readonly BackupRow[]): Promise<void> {
  const columns = Object.keys(rows[0]!)
  const values = rows.map((row) => sql`(${sql.join(columns.map((column) => row[column]))})`)
  const names = sql.join(columns.map((column) => sql.ref(column)))
  await sql`INSERT INTO ${sql.table(table)} (${names}) VALUES ${sql.join(values)}`.execute(transaction)
}

/** Has the next server that opens the storage make every module findable. */
async function searchAgain(transaction: Transaction<Schema>): Promise<void> {
  await transaction.deleteFrom('outbox').where('topic', '=', 'search').execute()
  await sql`INSERT INTO outbox (topic, log_index, attempts, due_at)
    SELECT 'search', id, 0, created_at FROM modules`.execute(transaction)
}
