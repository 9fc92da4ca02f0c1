import { type MessagePort, Worker } from 'node:worker_threads'
import type { CheckAnswer, Checker, CheckRequest } from '../host.ts'

/** A check that takes longer is given up: its thread is ended, and the next check begins with a new one. */
const CHECK_MS_MAX = 60_000

/** Checks in a thread of its own, so that typing is answered while a large configuration is checked. */
export class WorkerChecker implements Checker {
  readonly #start: () => Worker
  #worker: Worker | undefined
  #queue: Promise<unknown> = Promise.resolve()

  /** @param start starts a thread that calls {@link answerChecks} */
  constructor(start: () => Worker) {
    this.#start = start
  }

  /** One check after the other. */
  check(request: CheckRequest): Promise<CheckAnswer> {
    const answer = this.#queue.then(() => this.#ask(request))
    this.#queue = answer.catch(() => undefined)
    return answer
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  #ask(request: CheckRequest): Promise<CheckAnswer> {
    const worker = (this.#worker ??= this.#start())
    return new Promise<CheckAnswer>((resolve, reject) => {
      const settle = (result: Answer): void => {
        clearTimeout(timer)
        worker.off('message', settle).off('error', fail).off('exit', exited)
        if ('answer' in result) resolve(result.answer)
        else reject(new Error(result.error))
      }
      const fail = (error: Error): void => {
        this.#worker = undefined
        void worker.terminate()
        settle({ error: error.message })
      }
      const exited = (): void => fail(new Error('Cannot check the configuration: the checking thread ended'))
      const late = new Error(`Cannot check the configuration: it takes more than ${CHECK_MS_MAX / 1000} s`)
      const timer = setTimeout(() => fail(late), CHECK_MS_MAX)
      worker.on('message', settle).on('error', fail).on('exit', exited)
      worker.postMessage(request)
    })
  }
}

type Answer = { readonly answer: CheckAnswer } | { readonly error: string }

/** The other end of a {@link WorkerChecker}. */
export function answerChecks(port: MessagePort, checker: Promise<Checker>): void {
  port.on('message', (request: CheckRequest) => {
    void checker
      .then((ready) => ready.check(request))
      .then((answer): Answer => ({ answer }))
      .catch((error: unknown): Answer => ({ error: error instanceof Error ? error.message : String(error) }))
      .then((result) => port.postMessage(result))
  })
}
