import type { FunctionAnswer } from '@ingot/sdk/host'
import { ModuleQuarantinedError, type RunnerControl, type RunnerEvent } from '../control.ts'
import type { Limits } from '../limits.ts'
import { fromRunner, toRunner, type Frame } from '../protocol/frame.ts'
import { encodeValue } from '../protocol/value.ts'
import { checkBundle } from './check-bundle.ts'
import { IsolateLostError } from './isolate-lost-error.ts'
import { Questions } from './questions.ts'
import { RunnerSession, type Loss } from './runner-session.ts'

/** A call that lost its isolate to a busy machine, or to whoever ended its runner from outside, says nothing of the function. */
const triesMax = 3
/** The runner's own bounds end a call long before. */
const answerMsMax = 60_000
/** Calls stand still in time: what they say is remembered, and must not depend on when they were made. */
const epochMs = 0
const wrapBytesMax = 1024
const frameIdMax = 0xffff_fffe

export interface FunctionChannelOptions {
  /** Whose functions they are: with {@link sha256} what is quarantined. */
  readonly instance: string
  readonly code: Uint8Array
  readonly sha256: string
  readonly limits: Limits
  readonly control: RunnerControl
}

/** A call has no answer: its runner was killed, or there is none for it. */
export class CallLostError extends Error {
  override readonly name = 'CallLostError'
}

/** The lane's half of a runner that answers calls of functions, one after the other, so that whoever loses it is known. */
export class FunctionChannel {
  readonly #options: FunctionChannelOptions
  readonly #session: RunnerSession
  readonly #questions: Questions
  #loaded = false
  #lost: Loss | undefined
  #queue: Promise<unknown> = Promise.resolve()
  #pausedUntil = 0
  #lastCall = 0

  /** @throws when the code is not what the manifest says, or larger than a bundle may be. */
  constructor(options: FunctionChannelOptions) {
    const { instance, code, sha256, limits, control } = options
    checkBundle(instance, code, sha256, limits.bundleBytesMax)
    this.#options = options
    this.#questions = new Questions(limits)
    this.#session = new RunnerSession({
      component: instance,
      code,
      sha256,
      capabilities: [],
      values: {},
      functions: true,
      limits,
      control,
      loadedAt: () => epochMs,
      onFrame: (frame) => this.#receive(frame),
      onLost: (loss) => this.#onLost(loss),
      onEvent: (event) => this.#onEvent(event),
    })
  }

  /** @throws CallLostError */
  call(name: string, args: readonly unknown[]): Promise<FunctionAnswer> {
    const answer = this.#queue.then(() => this.#answer(name, args))
    this.#queue = answer.catch(() => {})
    return answer
  }

  async close(): Promise<void> {
    this.#questions.rejectAll(new IsolateLostError('it is no longer needed'))
    await this.#session.close()
  }

  async #answer(name: string, args: readonly unknown[]): Promise<FunctionAnswer> {
    const payload = encodeValue([name, args])
    for (let attempt = 1; ; attempt++) {
      this.#lost = undefined
      try {
        await this.#pause()
        if (!this.#loaded) await this.#session.load()
        this.#loaded = true
        return readAnswer(await this.#ask(payload))
      } catch (error) {
        const again = this.#lost === undefined ? error instanceof IsolateLostError : isBlameless(this.#lost)
        if (!again || attempt === triesMax) throw new CallLostError(this.#reason(error as Error))
      }
    }
  }

  #ask(payload: Uint8Array): Promise<unknown> {
    const id = (this.#lastCall = (this.#lastCall % frameIdMax) + 1)
    return this.#questions.ask(
      id,
      () => this.#session.turn({ kind: toRunner.callFunction, id, at: epochMs }, payload),
      answerMsMax,
    )
  }

  #reason(error: Error): string {
    const { limits } = this.#options
    if (error instanceof ModuleQuarantinedError) return error.message
    switch (this.#lost?.reason) {
      case 'timeout':
        return `it was ended after ${limits.turnTimeoutMs} ms without an answer`
      case 'memory':
        return `it was ended for its memory: ${this.#lost.detail}`
      case undefined:
        return error.message
      default:
        return `its runner was ended (${this.#lost!.reason}): ${this.#lost!.detail}`
    }
  }

  #receive(frame: Frame): void {
    if (frame.kind !== fromRunner.reply) throw new Error(`it sent a frame of kind ${frame.kind}, want an answer`)
    // An honest one has counted, without the few bytes around the answer.
    const bytesMax = this.#options.limits.exportsBytesMax + wrapBytesMax
    if (frame.payload.length > bytesMax)
      throw new Error(`it answered with ${frame.payload.length} bytes, at most ${bytesMax} are allowed`)
    this.#questions.answered(frame)
  }

  #onLost(loss: Loss): void {
    this.#loaded = false
    this.#lost = loss
    this.#questions.rejectAll(new IsolateLostError(`${loss.reason}: ${loss.detail}`))
  }

  #onEvent(event: RunnerEvent): void {
    if (event.event === 'throttle') this.#pausedUntil = performance.now() + event.pauseMs
  }

  /** It has used more than its share of CPU. */
  async #pause(): Promise<void> {
    const restMs = this.#pausedUntil - performance.now()
    if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs).unref())
  }
}

function isBlameless({ starved }: Loss): boolean {
  return starved
}

/** @throws when it is no answer: what the runner says is a claim. */
function readAnswer(claimed: unknown): FunctionAnswer {
  const { value, error, argument } = (claimed ?? {}) as Readonly<Record<string, unknown>>
  if (typeof error !== 'string') return { value }
  return { error, ...(typeof argument === 'number' && { argument }) }
}
