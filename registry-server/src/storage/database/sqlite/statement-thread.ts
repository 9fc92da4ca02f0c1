/** A thread with one connection to one SQLite file: runs one statement after the other, so that the main thread never waits for a disk. */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type { StatementAnswer, StatementRequest, ThreadOptions } from './sqlite-thread.ts'

/** Texts come from code; only the number of rows of an insert varies. */
const preparedMax = 256
/** How long a writer waits for another process before it gives up. */
const busyTimeoutMs = 30_000

const { path, writes } = workerData as ThreadOptions
const database = new DatabaseSync(path, { timeout: busyTimeoutMs, readOnly: !writes })
// `synchronous = FULL`: what was acknowledged survives a power cut.
if (writes) database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
const prepared = new Map<string, StatementSync>()

parentPort!.on('message', (request: StatementRequest | 'close') => {
  if (request === 'close') {
    database.close()
    parentPort!.close()
  } else parentPort!.postMessage(answer(request))
})

function answer({ id, sql, parameters }: StatementRequest): StatementAnswer {
  try {
    const statement = statementOf(sql)
    const values = parameters as SQLInputValue[]
    if (statement.columns().length > 0) return { id, rows: statement.all(...values), changes: 0 }
    return { id, rows: [], changes: Number(statement.run(...values).changes) }
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number }
    return { id, error: message, errcode }
  }
}

function statementOf(sql: string): StatementSync {
  const known = prepared.get(sql)
  if (known) return known
  const statement = database.prepare(sql)
  if (prepared.size >= preparedMax) prepared.delete(prepared.keys().next().value!)
  prepared.set(sql, statement)
  return statement
}
