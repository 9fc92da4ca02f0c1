import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import { Pool, types } from 'pg'
import type { Database } from './database.ts'
import { migrate } from './migrate.ts'
import type { Schema } from './schema.ts'

/** The oldest that the tests run on. */
const versionMin = 15
/** Connections of one server; PostgreSQL's own default allows 100 to all. */
const connectionsMax = 10
const connectTimeoutMs = 10_000
/** A statement takes milliseconds; waiting for the log's lock behind many publishers may take longer. */
const statementTimeoutMs = 60_000
/** A server that is gone without a word must not keep the log's lock. */
const idleInTransactionMs = 30_000

/** A registry's facts in PostgreSQL 15 or newer: any number of servers may share them. */
export class PostgresDatabase implements Database {
  readonly dialect = 'postgres'
  readonly read: Kysely<Schema>

  private constructor(kysely: Kysely<Schema>) {
    this.read = kysely
  }

  /** @throws when it cannot be reached or is older. */
  static async open(url: string): Promise<PostgresDatabase> {
    const pool = new Pool({
      connectionString: url,
      max: connectionsMax,
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: idleInTransactionMs,
      // No count here comes near 2^53.
      types: {
        getTypeParser: (oid, format) => (oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format)),
      },
    })
    // An idle connection that breaks is replaced by the next query; unheard, its error would end the process.
    pool.on('error', () => undefined)
    // So would that of one that breaks between two statements of a transaction: the next statement rejects.
    pool.on('connect', (client) => client.on('error', () => undefined))
    const database = new PostgresDatabase(new Kysely({ dialect: new PostgresDialect({ pool }) }))
    try {
      await wantVersion(database)
      await migrate(database)
    } catch (error) {
      await database.close()
      throw error
    }
    return database
  }

  write<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
    return this.read.transaction().execute(work)
  }

  snapshot<T>(work: (reader: Transaction<Schema>) => Promise<T>): Promise<T> {
    return this.read.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(work)
  }

  close(): Promise<void> {
    return this.read.destroy()
  }
}

async function wantVersion({ read }: PostgresDatabase): Promise<void> {
  const { rows } = await sql<{ server_version_num: string }>`SHOW server_version_num`.execute(read)
  const found = Math.floor(Number(rows[0]!.server_version_num) / 10_000)
  if (found < versionMin)
    throw new Error(`Cannot use the database: found PostgreSQL ${found}, want ${versionMin} or newer`)
}
