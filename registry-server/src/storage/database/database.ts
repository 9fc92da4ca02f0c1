import type { Kysely, Transaction } from 'kysely'
import type { Schema } from './schema.ts'

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
