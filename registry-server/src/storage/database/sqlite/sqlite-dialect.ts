import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import type { SqliteThread } from './sqlite-thread.ts'

/** Hands a thread out to one user at a time, or to all of them. */
export interface ThreadSource {
  take(): Promise<SqliteThread>
  giveBack(thread: SqliteThread): void
}

/** Kysely's SQLite, with statements that run in threads. */
export function sqliteDialect(threads: ThreadSource, begin: 'BEGIN' | 'BEGIN IMMEDIATE'): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new ThreadDriver(threads, begin),
    createIntrospector: (database) => new SqliteIntrospector(database),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

class ThreadDriver implements Driver {
  readonly #threads: ThreadSource
  readonly #begin: string

  constructor(threads: ThreadSource, begin: string) {
    this.#threads = threads
    this.#begin = begin
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<ThreadConnection> {
    return new ThreadConnection(await this.#threads.take())
  }

  async beginTransaction(connection: ThreadConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw(this.#begin))
  }

  async commitTransaction(connection: ThreadConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('COMMIT'))
  }

  async rollbackTransaction(connection: ThreadConnection): Promise<void> {
    // After a full disk SQLite has rolled back already, and what failed is what the caller must hear of.
    await connection.executeQuery(CompiledQuery.raw('ROLLBACK')).catch(() => undefined)
  }

  async releaseConnection(connection: ThreadConnection): Promise<void> {
    this.#threads.giveBack(connection.thread)
  }

  async destroy(): Promise<void> {}
}

class ThreadConnection implements DatabaseConnection {
  readonly thread: SqliteThread

  constructor(thread: SqliteThread) {
    this.thread = thread
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes } = await this.thread.run(sql, parameters)
    return { rows: rows as R[], numAffectedRows: BigInt(changes) }
  }

  streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('Cannot stream from SQLite: want one page of rows after the other')
  }
}
