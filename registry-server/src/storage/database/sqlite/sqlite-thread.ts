import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Statements that may wait for one thread: more than any load that it could still answer in time. */
const waitingMax = 10_000

export interface ThreadOptions {
  readonly path: string
  readonly writes: boolean
}

export interface StatementRequest {
  readonly id: number
  readonly sql: string
  readonly parameters: readonly unknown[]
}

export type StatementAnswer =
  | { readonly id: number; readonly rows: readonly unknown[]; readonly changes: number }
  | { readonly id: number; readonly error: string; readonly errcode: number | undefined }

export interface StatementResult {
  readonly rows: readonly unknown[]
  readonly changes: number
}

/** `errcode`: SQLite's extended result code. */
class SqliteError extends Error {
  override readonly name = 'SqliteError'
  readonly errcode: number | undefined

  constructor(message: string, errcode: number | undefined) {
    super(message)
    this.errcode = errcode
  }
}

interface Waiting {
  resolve(result: StatementResult): void
  reject(error: Error): void
}

/** The main thread's end of a thread that runs SQL. */
export class SqliteThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  #ids = 0
  #failure: Error | undefined

  constructor(options: ThreadOptions) {
    this.#worker = new Worker(new URL('statement-thread.ts', import.meta.url), { workerData: options })
    this.#worker.on('message', (answer: StatementAnswer) => this.#settle(answer))
    this.#worker.on('error', (error: Error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new Error('Cannot run the statement: the database is closed')))
  }

  get waiting(): number {
    return this.#waiting.size
  }

  run(sql: string, parameters: readonly unknown[]): Promise<StatementResult> {
    if (this.#failure) return Promise.reject(this.#failure)
    if (this.#waiting.size >= waitingMax) {
      return Promise.reject(new Error(`Cannot run the statement: ${waitingMax} others are waiting`))
    }
    const id = this.#ids++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker.postMessage({ id, sql, parameters } satisfies StatementRequest)
    })
  }

  /** Lets what was asked for finish. */
  async close(): Promise<void> {
    if (this.#failure) return
    const ended = once(this.#worker, 'exit')
    this.#worker.postMessage('close')
    await ended
  }

  #settle(answer: StatementAnswer): void {
    const waiting = this.#waiting.get(answer.id)!
    this.#waiting.delete(answer.id)
    if ('error' in answer) waiting.reject(new SqliteError(answer.error, answer.errcode))
    else waiting.resolve(answer)
  }

  #fail(error: Error): void {
    this.#failure ??= error
    for (const { reject } of this.#waiting.values()) reject(this.#failure)
    this.#waiting.clear()
  }
}
