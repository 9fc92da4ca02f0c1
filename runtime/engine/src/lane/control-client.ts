import { ModuleQuarantinedError, type RunnerControl, type RunnerEvent } from '@ingot/sandbox'
import type { FromLane, RunnerRequest, ToLane } from './protocol.ts'

type Reply = Extract<ToLane, { kind: 'reply' }>
interface Asked {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** A lane's way to ask control: for runners, and for the collector's own metrics. */
export class ControlClient implements RunnerControl {
  readonly #post: (message: FromLane) => void
  readonly #asked = new Map<number, Asked>()
  readonly #channels = new Map<number, (event: RunnerEvent) => void>()
  #nextCall = 1

  constructor(post: (message: FromLane) => void) {
    this.#post = post
  }

  selfMetrics(): Promise<Uint8Array> {
    return this.#ask((call) => ({ kind: 'self-metrics', call }))
  }

  assign(
    request: Parameters<RunnerControl['assign']>[0],
    onEvent: (event: RunnerEvent) => void,
  ): ReturnType<RunnerControl['assign']> {
    return this.#withEvents(onEvent, (channel) => ({ ask: 'assign', channel, request }))
  }

  join(
    runner: number,
    request: Parameters<RunnerControl['join']>[1],
    onEvent: (event: RunnerEvent) => void,
  ): Promise<void> {
    return this.#withEvents(onEvent, (channel) => ({ ask: 'join', channel, runner, request }))
  }

  leave(runner: number, instance: string): void {
    void this.#askRunner({ ask: 'leave', runner, instance })
  }

  blame(runner: number, instance: string | undefined, lastCall: string | undefined): void {
    void this.#askRunner({ ask: 'blame', runner, instance, lastCall })
  }

  /** Asks for a place in a runner, and hears what becomes of that runner. */
  #withEvents<T>(onEvent: (event: RunnerEvent) => void, request: (channel: number) => RunnerRequest): Promise<T> {
    const channel = this.#nextCall
    let assigned = false
    this.#channels.set(channel, (event) => {
      onEvent(event)
      // One that was refused a runner hears nothing more after it may ask again.
      if (event.event === 'exited' || (event.event === 'resumed' && !assigned)) this.#channels.delete(channel)
    })
    return this.#askRunner<T>(request(channel)).then(
      (runner) => {
        assigned = true
        return runner
      },
      (error: unknown) => {
        if (!(error instanceof ModuleQuarantinedError)) this.#channels.delete(channel)
        throw error
      },
    )
  }

  overdue(
    runner: number,
    turnMs: number,
    extensions: number,
    batch: number | undefined,
    instance: string,
  ): ReturnType<RunnerControl['overdue']> {
    return this.#askRunner({ ask: 'overdue', runner, turnMs, extensions, batch, instance })
  }

  kill(runner: number, reason: Parameters<RunnerControl['kill']>[1], detail: string, batch?: number): void {
    void this.#askRunner({ ask: 'kill', runner, reason, detail, batch })
  }

  isolateLost(runner: number, reason: string, instance: string): void {
    void this.#askRunner({ ask: 'isolate-lost', runner, reason, instance })
  }

  release(runner: number): void {
    void this.#askRunner({ ask: 'release', runner })
  }

  onRunnerEvent(channel: number, event: RunnerEvent): void {
    this.#channels.get(channel)?.(event)
  }

  onReply({ call, value, error, errorName }: Reply): void {
    const asked = this.#asked.get(call)
    this.#asked.delete(call)
    if (error === undefined) asked?.resolve(value)
    else asked?.reject(errorName === 'ModuleQuarantinedError' ? new ModuleQuarantinedError(error) : new Error(error))
  }

  #askRunner<T>(request: RunnerRequest): Promise<T> {
    return this.#ask((call) => ({ kind: 'runner', call, request }))
  }

  #ask<T>(message: (call: number) => FromLane): Promise<T> {
    const call = this.#nextCall++
    return new Promise<unknown>((resolve, reject) => {
      this.#asked.set(call, { resolve, reject })
      this.#post(message(call))
    }) as Promise<T>
  }
}
