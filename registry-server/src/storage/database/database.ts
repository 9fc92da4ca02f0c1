import type { Kysely, Transaction } from 'kysely'
import type { Schema } from './schema.ts'

/** What a query runs on: a transaction sees what it has written itself. */
export type Reader = Kysely<Schema> | Transaction<Schema>

/** Where a registry's facts are. One typed query layer; the two databases differ in what `dialect` decides, and in nothing else. */
export interface Database {
  readonly dialect: 'sqlite' | 'postgres'
  /** For queries outside of a transaction: they see what was committed before they were asked. */
  readonly read: Kysely<Schema>
  /** Runs `work` in a transaction that commits durably when it resolves, and leaves no trace when it rejects. */
  write<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T>
  /** Runs `work` on the database as it is now, whatever others write in the meantime. */
  snapshot<T>(work: (reader: Transaction<Schema>) => Promise<T>): Promise<T>
  close(): Promise<void>
}
