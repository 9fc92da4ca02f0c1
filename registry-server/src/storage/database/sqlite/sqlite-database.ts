import { Kysely, type Transaction } from 'kysely'
import type { Database } from '../database.ts'
import { migrate } from '../migrate.ts'
import type { Schema } from '../schema.ts'
import { sqliteDialect, type ThreadSource } from './sqlite-dialect.ts'
import { SqliteThread } from './sqlite-thread.ts'

/** Two answer while one of them waits for the disk; SQLite lets any number read beside the writer. */
const readers = 2
/** Transactions that may wait for the one that runs: more than uploads are let in. */
const writersMax = 1_000

/** A registry's facts in one SQLite file in WAL mode: one thread writes, others read. */
export class SqliteDatabase implements Database {
  readonly dialect = 'sqlite'
  readonly read: Kysely<Schema>
  readonly #writer: Kysely<Schema>
  readonly #threads: readonly SqliteThread[]
  readonly #path: string

  private constructor(path: string, writer: Kysely<Schema>, read: Kysely<Schema>, threads: readonly SqliteThread[]) {
    this.#path = path
    this.#writer = writer
    this.read = read
    this.#threads = threads
  }

  static async open(path: string): Promise<SqliteDatabase> {
    const writer = new SqliteThread({ path, writes: true })
    // A reader cannot make the file that it opens.
    await writer.run('PRAGMA user_version', [])
    const pool = Array.from({ length: readers }, () => new SqliteThread({ path, writes: false }))
    const database = new SqliteDatabase(
      path,
      // `IMMEDIATE`: the write lock is taken at once, so that what the transaction reads is still true when it writes.
      new Kysely({ dialect: sqliteDialect(oneAtATime(writer), 'BEGIN IMMEDIATE') }),
      new Kysely({ dialect: sqliteDialect(leastBusy(pool), 'BEGIN') }),
      [...pool, writer],
    )
    try {
      await migrate(database)
    } catch (error) {
      await database.close()
      throw error
    }
    return database
  }

  write<T>(work: (transaction: Transaction<Schema>) => Promise<T>): Promise<T> {
    return this.#writer.transaction().execute(work)
  }

  /** A thread of its own: readers are shared, statement by statement. */
  async snapshot<T>(work: (reader: Transaction<Schema>) => Promise<T>): Promise<T> {
    const thread = new SqliteThread({ path: this.#path, writes: false })
    try {
      const reader = new Kysely<Schema>({ dialect: sqliteDialect(oneAtATime(thread), 'BEGIN') })
      return await reader.transaction().execute(work)
    } finally {
      await thread.close()
    }
  }

  /** The writer goes last: it is the one that tidies the write-ahead log away. */
  async close(): Promise<void> {
    for (const thread of this.#threads) await thread.close()
  }
}

/** A transaction is several statements: until it has ended the thread is its own. */
function oneAtATime(thread: SqliteThread): ThreadSource {
  const waiting: (() => void)[] = []
  let taken = false
  return {
    async take() {
      if (waiting.length >= writersMax) throw new Error(`Cannot write: ${writersMax} others are waiting`)
      if (taken) await new Promise<void>((resolve) => waiting.push(resolve))
      taken = true
      return thread
    },
    giveBack() {
      const next = waiting.shift()
      if (next) next()
      else taken = false
    },
  }
}

/** Nobody has a reader alone: it runs single statements. */
function leastBusy(threads: readonly SqliteThread[]): ThreadSource {
  return {
    take: async () => threads.reduce((best, thread) => (thread.waiting < best.waiting ? thread : best)),
    giveBack: () => undefined,
  }
}
