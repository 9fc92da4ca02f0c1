import type { RunnerSupervisor } from '@ingot/sandbox'
import type { FunctionReply, FunctionsCode } from '../../lane/protocol.ts'
import { LaneGoneError, LaneSupervisor } from '../lane-supervisor.ts'
import type { CollectorLog } from '../log.ts'
import { RunnerRequests } from '../runner-requests.ts'
import type { FunctionHost } from './function-calls.ts'

/** A call in the lane's own thread; those in runners are bounded there. */
const callMsMax = 5_000
/** A call whose lane has ended for another reason is made again. */
const triesMax = 3
const restartMsMax = 30_000

export interface FunctionLaneOptions {
  readonly storageDir: string
  readonly laneStallMs: number
  readonly laneHeapMiB: number
}

/**
 * The lane that answers calls of functions. It runs no component, so that a function that does not end stops no telemetry; it is
 * started with the first call.
 */
export class FunctionLane implements FunctionHost {
  readonly #lanes: LaneSupervisor
  readonly #runners: RunnerRequests
  #started: Promise<void> | undefined
  #awaitingRestart: (() => void)[] = []
  /** Calls in the thread itself, one after the other: who does not end is known. */
  #queue: Promise<unknown> = Promise.resolve()

  constructor(
    { storageDir, laneStallMs, laneHeapMiB }: FunctionLaneOptions,
    log: Pick<CollectorLog, 'log'>,
    supervisor: () => Promise<RunnerSupervisor>,
  ) {
    this.#runners = new RunnerRequests(supervisor, (lane, message) => this.#lanes.post(lane, message))
    this.#lanes = new LaneSupervisor({
      name: 'functions',
      count: 1,
      storageDir,
      internalAddress: '',
      // A call that does not end is ended by who waits for it.
      stallMs: callMsMax + laneStallMs,
      heapMiB: laneHeapMiB,
      onMessage: (lane, message) => {
        if (message.kind === 'runner') void this.#runners.handle(lane, message.call, message.request)
        else if (message.kind === 'log') log.log(message.level, message.message, message.fields)
      },
      onLost: (lane, reason) => {
        log.log('error', 'the lane of functions is gone and will be started again', { reason })
        void this.#runners.onLaneLost(lane)
      },
      onRestarted: () => {
        for (const resolve of this.#awaitingRestart.splice(0)) resolve()
      },
    })
  }

  /** @throws when there is no lane to ask */
  ask(code: FunctionsCode, name: string, args: readonly unknown[]): Promise<FunctionReply> {
    if (code.room === 'runner') return this.#call(code, name, args)
    const answer = this.#queue.then(() => this.#callWithin(code, name, args))
    this.#queue = answer.catch(() => {})
    return answer
  }

  /** Ends the runners of modules whose functions are no longer called. */
  keep(instances: readonly string[]): void {
    if (this.#started) this.#lanes.post(0, { kind: 'keep-functions', instances })
  }

  async close(): Promise<void> {
    await this.#lanes.close()
  }

  async #callWithin(code: FunctionsCode, name: string, args: readonly unknown[]): Promise<FunctionReply> {
    await this.#up()
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      this.#lanes.terminate(0, `${code.id}: ${name} did not end`)
    }, callMsMax)
    try {
      return await this.#call(code, name, args, () => !isLate)
    } catch (error) {
      if (!isLate) throw error
      return { error: `it was ended after ${callMsMax} ms without an answer`, lost: true }
    } finally {
      clearTimeout(timer)
    }
  }

  async #call(code: FunctionsCode, name: string, args: readonly unknown[], again = () => true): Promise<FunctionReply> {
    for (let attempt = 1; ; attempt++) {
      await this.#up()
      try {
        return await this.#lanes.call<FunctionReply>(0, { kind: 'call-function', function: { code, name, args } })
      } catch (error) {
        if (!(error instanceof LaneGoneError) || attempt === triesMax || !again()) throw error
      }
    }
  }

  async #up(): Promise<void> {
    this.#started ??= this.#lanes.start()
    await this.#started
    if (this.#lanes.running(0)) return
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`the lane of functions was not started again within ${restartMsMax / 1000} s`)
      timer = setTimeout(() => reject(error), restartMsMax)
    })
    const restarted = new Promise<void>((resolve) => this.#awaitingRestart.push(resolve))
    await Promise.race([restarted, late]).finally(() => clearTimeout(timer))
  }
}
