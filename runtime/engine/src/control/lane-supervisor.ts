import { setFlagsFromString } from 'node:v8'
import { MessageChannel, Worker } from 'node:worker_threads'
import type { FromLane, LaneStart, ToLane } from '../lane/protocol.ts'

/** How long a lane may take to load before it counts as failed. */
const readyTimeoutMs = 20_000
/** How long a question to a lane may wait for its answer. */
const callTimeoutMs = 30_000
/** The longest that a timer of Node.js can wait. */
const timeoutMsMax = 2 ** 31 - 1
/** A lane that has just begun loads its components in one go: its first beat may come this many times later. */
const firstBeatPatience = 5
const restartMinMs = 100
const restartMaxMs = 30_000
/** A lane that ran this long starts afresh with the shortest pause. */
const restartResetMs = 300_000

/**
 * Batches lie outside of the heap. By itself V8 marks the whole heap for every 64 MiB of such memory, however little of it
 * lives; with this it lets them grow with the heap's own limit. It has to be set before a lane has its heap.
 */
setFlagsFromString('--external-memory-accounted-in-global-limit')

/** The lane that was asked is gone: what was asked of it becomes moot when it is started anew. */
export class LaneGoneError extends Error {
  override readonly name = 'LaneGoneError'
}

export interface LaneOptions {
  /** Of the threads, before their number. */
  readonly name?: string
  readonly count: number
  readonly storageDir: string
  readonly internalAddress: string
  /** A lane whose event loop does not turn for this long is terminated and started anew. */
  readonly stallMs: number
  /** Heap of one lane, MiB. */
  readonly heapMiB: number
  readonly onMessage: (lane: number, message: FromLane) => void
  /** The lane is gone, for the given reason; called before it is started anew. */
  readonly onLost: (lane: number, reason: string) => void
  /** The lane runs again and has its ports: its components can be started. */
  readonly onRestarted: (lane: number) => void
}

type Call = {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

interface LaneState {
  worker: Worker | undefined
  ready: boolean
  heartbeat: SharedArrayBuffer
  beat: number
  beatAt: number
  startedAt: number
  restartMs: number
  restarts: number
  reason: string
  readonly calls: Map<number, Call>
}

/** Starts the lanes, joins each pair by a port, watches their heartbeats and brings back those that die. */
export class LaneSupervisor {
  readonly #options: LaneOptions
  #lanes: LaneState[] = []
  #watch: NodeJS.Timeout | undefined
  #nextCall = 1
  #checkedAt = 0
  #closed = false

  constructor(options: LaneOptions) {
    this.#options = options
    this.setCount(options.count)
  }

  get count(): number {
    return this.#lanes.length
  }

  /** How many lanes there will be. Only before the start. */
  setCount(count: number): void {
    this.#lanes = Array.from({ length: count }, () => ({
      worker: undefined,
      ready: false,
      heartbeat: new SharedArrayBuffer(4),
      beat: 0,
      beatAt: 0,
      startedAt: 0,
      restartMs: restartMinMs,
      restarts: 0,
      reason: '',
      calls: new Map(),
    }))
  }

  get started(): boolean {
    return this.#watch !== undefined
  }

  restarts(): readonly number[] {
    return this.#lanes.map((lane) => lane.restarts)
  }

  /** Which lanes have a thread now. */
  running(lane: number): boolean {
    return this.#lanes[lane]?.worker !== undefined
  }

  /** Starts every lane. Called when there is work to place. */
  async start(): Promise<void> {
    if (this.started) return
    this.#watch = setInterval(() => this.#checkHeartbeats(), Math.max(50, this.#options.stallMs / 8))
    await Promise.all(this.#lanes.map((_, index) => this.#spawn(index)))
    for (let a = 0; a < this.count; a++) for (let b = a + 1; b < this.count; b++) this.#join(a, b)
  }

  post(lane: number, message: ToLane): void {
    this.#lanes[lane]?.worker?.postMessage(message)
  }

  /** Asks a lane and waits for its answer. @throws what the lane's work threw, or that the lane is gone or silent. */
  call<T>(lane: number, message: CallMessage): Promise<T> {
    const state = this.#lanes[lane]
    if (!state?.worker) return Promise.reject(new LaneGoneError(`Cannot reach lane ${lane}: it is not running`))
    const call = this.#nextCall++
    // A stop that the user has given time is waited for, and then as long as any call.
    const timeoutMs = Math.min(callTimeoutMs + (message.kind === 'stop' ? message.withinMs : 0), timeoutMsMax)
    return new Promise<unknown>((resolve, reject) => {
      const timer = setTimeout(() => {
        state.calls.delete(call)
        reject(new Error(`Cannot ${message.kind} in lane ${lane}: no answer within ${timeoutMs / 1000} s`))
      }, timeoutMs)
      state.calls.set(call, { resolve, reject, timer })
      state.worker!.postMessage({ ...message, call })
    }) as Promise<T>
  }

  /** Ends a lane as a crash would: it is then started anew. */
  terminate(lane: number, reason: string): void {
    const state = this.#lanes[lane]!
    state.reason = reason
    void state.worker?.terminate()
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#watch)
    await Promise.all(this.#lanes.map(async (lane) => lane.worker?.terminate()))
  }

  /** Resolves when the lane is ready. @throws when it ends before that: its exit is then handled like any other. */
  #spawn(index: number): Promise<void> {
    const { storageDir, internalAddress, heapMiB, name = 'lane' } = this.#options
    const state = this.#lanes[index]!
    state.heartbeat = new SharedArrayBuffer(4)
    const workerData: LaneStart = { index, count: this.count, storageDir, internalAddress, heartbeat: state.heartbeat }
    const worker = new Worker(new URL('../lane/lane.ts', import.meta.url), {
      workerData,
      name: `${name}-${index}`,
      resourceLimits: { maxOldGenerationSizeMb: heapMiB },
    })
    state.worker = worker
    state.startedAt = state.beatAt = performance.now()
    state.beat = 0
    state.ready = false
    state.reason = ''
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        state.reason = `not ready within ${readyTimeoutMs / 1000} s`
        void worker.terminate()
      }, readyTimeoutMs)
      worker.on('message', (message: FromLane) => {
        if (message.kind === 'ready') {
          clearTimeout(timer)
          state.ready = true
          state.beatAt = performance.now()
          resolve()
        } else if (message.kind === 'reply') this.#settleCall(state, message)
        else this.#options.onMessage(index, message)
      })
      worker.on('error', (error: Error & { code?: string }) => {
        state.reason = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out of memory' : error.message
      })
      worker.on('exit', () => {
        clearTimeout(timer)
        reject(new Error(`Cannot start lane ${index}: ${state.reason || 'it exited'}`))
        this.#onExit(index, worker)
      })
    })
  }

  #onExit(index: number, worker: Worker): void {
    const state = this.#lanes[index]!
    if (this.#closed || state.worker !== worker) return
    state.worker = undefined
    const reason = state.reason || 'exited'
    for (const { reject, timer } of state.calls.values()) {
      clearTimeout(timer)
      reject(new LaneGoneError(`Cannot reach lane ${index}: ${reason}`))
    }
    state.calls.clear()
    this.#options.onLost(index, reason)
    if (performance.now() - state.startedAt > restartResetMs) state.restartMs = restartMinMs
    setTimeout(() => void this.#restart(index), state.restartMs)
    state.restartMs = Math.min(state.restartMs * 2, restartMaxMs)
  }

  async #restart(index: number): Promise<void> {
    if (this.#closed) return
    const state = this.#lanes[index]!
    state.restarts++
    const ready = await this.#spawn(index).then(
      () => true,
      () => false,
    )
    if (!ready) return
    for (let other = 0; other < this.count; other++)
      if (other !== index && this.running(other)) this.#join(index, other)
    this.#options.onRestarted(index)
  }

  #join(a: number, b: number): void {
    const { port1, port2 } = new MessageChannel()
    this.#lanes[a]!.worker?.postMessage({ kind: 'peer', lane: b, port: port1 } satisfies ToLane, [port1])
    this.#lanes[b]!.worker?.postMessage({ kind: 'peer', lane: a, port: port2 } satisfies ToLane, [port2])
  }

  #checkHeartbeats(): void {
    const now = performance.now()
    // Whoever froze control (a paused container, a stopped process) froze the lanes as well: they are given time anew.
    const wasFrozen = now - this.#checkedAt > this.#options.stallMs / 2
    this.#checkedAt = now
    for (const [index, state] of this.#lanes.entries()) {
      if (!state.worker) continue
      const beat = Atomics.load(new Int32Array(state.heartbeat), 0)
      if (beat !== state.beat || wasFrozen) {
        state.beat = beat
        state.beatAt = now
      } else {
        const patience = beat === 0 ? firstBeatPatience : 1
        if (state.ready && now - state.beatAt > this.#options.stallMs * patience) this.terminate(index, 'stalled')
      }
    }
  }

  #settleCall(state: LaneState, message: Extract<FromLane, { kind: 'reply' }>): void {
    const call = state.calls.get(message.call)
    if (!call) return
    state.calls.delete(message.call)
    clearTimeout(call.timer)
    if (message.error === undefined) call.resolve(message.value)
    else call.reject(new Error(message.error))
  }
}

type CallMessage = ToLane extends infer M ? (M extends { readonly call: number } ? Omit<M, 'call'> : never) : never
