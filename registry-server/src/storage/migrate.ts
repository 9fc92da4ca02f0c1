import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'

const migrationsDir = fileURLToPath(new URL('../../migrations', import.meta.url))

/** Brings a database to the newest schema: every numbered file that it has not seen, each in one transaction. */
export function migrate(database: DatabaseSync): void {
  database.exec('CREATE TABLE IF NOT EXISTS migrations (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL) STRICT')
  const names = readdirSync(migrationsDir).filter((name) => name.endsWith('.sql'))
  for (const name of names.sort()) applyOnce(database, name)
}

/** The look-up is inside the transaction: of two servers that start at once, one applies and the other sees it. */
function applyOnce(database: DatabaseSync, name: string): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    const applied = database.prepare('SELECT 1 FROM migrations WHERE name = ?').get(name)
    if (!applied) {
      database.exec(readFileSync(join(migrationsDir, name), 'utf8'))
      database.prepare('INSERT INTO migrations VALUES (?, ?)').run(name, new Date().toISOString())
    }
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}
