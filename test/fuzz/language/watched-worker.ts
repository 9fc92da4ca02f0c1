import { Worker } from 'node:worker_threads'
import type { Input } from './inputs.ts'
import type { Tally, WorkerAnswer, WorkerOptions, WorkerTask } from './worker.ts'

/** No input needs more of the processor, on any machine: the largest takes a few tenths of a second. */
const cpuPerInputMs = 10_000
/** Of the thread: what it holds does not grow with the number of inputs. */
const heapMegabytesMax = 512
const watchEveryMs = 250

export interface Failure {
  readonly index: number
  readonly reason: string
  readonly stack: string
}

/** A thread that examines inputs, and is started anew after one that hangs or takes all memory. */
export class WatchedWorker {
  readonly #seed: number
  readonly #progress = new SharedArrayBuffer(8)
  #worker: Worker | undefined
  /** The largest resident set of the process that was seen while the thread was at work. */
  rssBytesMax = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  get index(): number {
    return Number(Atomics.load(new BigInt64Array(this.#progress), 0))
  }

  examineRange(from: number, to: number, tally: (counts: Tally) => void): Promise<Failure | undefined> {
    return this.#run({ kind: 'range', from, to }, tally)
  }

  examine(input: Input): Promise<Failure | undefined> {
    return this.#run({ kind: 'input', input }, () => {})
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  async #run(task: WorkerTask, tally: (counts: Tally) => void): Promise<Failure | undefined> {
    const worker = (this.#worker ??= this.#start())
    const watch = new AbortController()
    const answer = await new Promise<WorkerAnswer>((resolve) => {
      worker.once('message', resolve)
      worker.once('error', (error: Error) => resolve(this.#failed(error.message)))
      const hangs = (): void => resolve(this.#failed(`it takes more than ${cpuPerInputMs} ms of the processor`))
      void this.#watch(watch.signal, hangs)
      worker.postMessage(task)
    })
    watch.abort()
    if (answer.kind === 'failed') {
      await this.close()
      return answer
    }
    worker.removeAllListeners('message').removeAllListeners('error')
    tally(answer.tally)
    return undefined
  }

  #start(): Worker {
    const workerData: WorkerOptions = { seed: this.#seed, progress: this.#progress }
    const resourceLimits = { maxOldGenerationSizeMb: heapMegabytesMax }
    return new Worker(new URL('worker.ts', import.meta.url), { workerData, resourceLimits })
  }

  #failed(reason: string): WorkerAnswer {
    return { kind: 'failed', index: this.index, reason, stack: reason }
  }

  /** Measures the process. This thread only waits: what is used of the processor, the other one uses. */
  async #watch(signal: AbortSignal, hangs: () => void): Promise<void> {
    let index = -1
    let since = process.cpuUsage()
    while (!signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, watchEveryMs))
      this.rssBytesMax = Math.max(this.rssBytesMax, process.memoryUsage.rss())
      if (this.index !== index) {
        index = this.index
        since = process.cpuUsage()
      }
      const { user, system } = process.cpuUsage(since)
      if (!signal.aborted && (user + system) / 1000 > cpuPerInputMs) return hangs()
    }
  }
}
