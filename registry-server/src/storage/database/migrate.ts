import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql, type Transaction } from 'kysely'
import type { Database } from './database.ts'
import { takeLock } from './take-lock.ts'
import type { Schema } from './schema.ts'

const migrationsDir = fileURLToPath(new URL('../../../migrations', import.meta.url))

/**
 * Brings a database to the newest schema: every numbered file that it has not seen, all in one transaction. A file
 * `0002-name.sqlite.sql` is for that dialect alone, any other for both.
 * @throws when another version, whose migrations are not known, has used the database.
 */
export async function migrate(database: Database): Promise<void> {
  const names = migrationsOf(database.dialect)
  await database.write(async (transaction) => {
    // Of two servers that start at once, one applies and the other sees it.
    await takeLock(database.dialect, transaction, 'migrations')
    await run(transaction, 'CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL)')
    const applied = (await transaction.selectFrom('migrations').select('name').execute()).map(({ name }) => name)
    const unknown = applied.filter((name) => !names.includes(name))
    if (unknown.length > 0) {
      throw new Error(
        `Cannot open the registry's database: found the migration "${unknown[0]}", want one that this version has; another version of Ingot made it`,
      )
    }
    for (const name of names) if (!applied.includes(name)) await apply(transaction, name)
  })
}

function migrationsOf(dialect: Database['dialect']): string[] {
  const ofDialect = new RegExp(`^\\d{4}-[a-z-]+(?:\\.${dialect})?\\.sql$`)
  return readdirSync(migrationsDir)
    .filter((name) => ofDialect.test(name))
    .sort()
}

async function apply(transaction: Transaction<Schema>, name: string): Promise<void> {
  const text = readFileSync(join(migrationsDir, name), 'utf8').replace(/^\s*--.*$/gm, '')
  for (const statement of text.split(/;\s*$/m)) if (statement.trim() !== '') await run(transaction, statement)
  await transaction.insertInto('migrations').values({ name, applied_at: new Date().toISOString() }).execute()
}

async function run(transaction: Transaction<Schema>, statement: string): Promise<void> {
  await sql.raw(statement).execute(transaction)
}
