import { sql, type Transaction } from 'kysely'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'

/** Any numbers do, as long as they are different and stay the same. */
const locks = {
  migrations: 7_461_001,
  log: 7_461_002,
  search: 7_461_040,
  buckets: 7_461_020,
  requests: 7_461_028,
} as const

/**
 * Makes everyone else who takes the same lock wait until this transaction has ended. SQLite has one writer at a time
 * anyway, in all processes.
 */
export async function takeLock(
  dialect: Database['dialect'],
  transaction: Transaction<Schema>,
  name: keyof typeof locks,
): Promise<void> {
  if (dialect === 'postgres') await sql`SELECT pg_advisory_xact_lock(${locks[name]})`.execute(transaction)
}
