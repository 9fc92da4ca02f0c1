import { delivered } from '@ingot/sdk'
import { IsolateLostError } from '../channel/isolate-lost-error.ts'
import { RunnerSession, type Loss } from '../channel/runner-session.ts'
import { limitTable } from '../limit-table.ts'
import type { Limits } from '../limits.ts'
import { encodeHeader, fromRunner, toRunner, type Frame } from '../protocol/frame.ts'
import { encodeValue } from '../protocol/value.ts'
import type { RunnerSupervisor } from '../supervisor/runner-supervisor.ts'
import { CallIds } from './call-ids.ts'
import type { Step } from './steps.ts'

/** A turn that takes this long never ends, on whatever machine it was recorded. */
const turnMsMax = 10_000
/** How many times longer a turn may take than when it was recorded. */
const patience = 8
/** Calls of changed code in one turn that are told that there is no answer; it may try again for ever. */
const refusalsMax = 1_000

export interface ReplayOptions {
  readonly steps: readonly Step[]
  /** What runs: the recorded bundle, or a changed one. */
  readonly code: Uint8Array
  readonly component: string
  /** Of the recorded bundle: chance follows from it. */
  readonly sha256: string
  readonly supervisor: RunnerSupervisor
}

/** A turn, and what the module did in it now. */
export interface ReplayedStep {
  readonly step: Step
  readonly said: readonly Frame[]
  readonly end: 'done' | 'lost'
  readonly loss: Loss | undefined
  readonly same: boolean
}

/**
 * Runs the turns of a recording again, in a runner like the recorded one: it gets the same frames, the same answers and
 * the same readings of clock and chance, and what it says is compared byte by byte.
 */
export class Replay {
  readonly #options: ReplayOptions
  #session: RunnerSession | undefined
  #calls = new CallIds([])
  #said: Frame[] = []
  #answers: Frame[] = []
  /** The time of the turn. */
  #at = 0
  #ended: (loss: Loss | undefined) => void = () => {}
  /** Calls of changed code that the recording has no answer to. */
  #unanswered: Frame[] = []

  constructor(options: ReplayOptions) {
    this.#options = options
  }

  /** One turn after the other. A recorded turn that the module did not get to, because it made no such call, is left out. */
  async *run(): AsyncGenerator<ReplayedStep> {
    const { steps } = this.#options
    for (const [i, step] of steps.entries()) {
      if (step.end === 'open') return
      if (step.load) this.#calls = new CallIds(saidUntilNextLoad(steps, i))
      const frame = this.#frameFor(step)
      if (!frame) {
        yield { step, said: [], end: 'done', loss: undefined, same: step.said.length === 0 }
        continue
      }
      const replayed = await this.#replayed(step, frame)
      yield replayed
      // Only the recorded loss of an isolate is followed by another one.
      if (replayed.end === 'lost' && step.end !== 'lost') return
    }
  }

  async close(): Promise<void> {
    await this.#session?.close()
  }

  /** The recorded frame, with the number under which the module waits for the answer that it brings. */
  #frameFor({ frame }: Step): Frame | undefined {
    if (frame.kind !== toRunner.resume) return frame
    const id = this.#calls.replayed(frame.id)
    return id === undefined ? undefined : { ...frame, id }
  }

  async #replayed(step: Step, frame: Frame): Promise<ReplayedStep> {
    this.#said = []
    this.#at = frame.at
    this.#answers = [...step.answers]
    this.#unanswered = []
    const loss =
      (step.load ? await this.#load(step) : await this.#turn(step.readings, frame)) ?? (await this.#refuseUnanswered())
    const said = this.#said
    return { step, said, end: loss ? 'lost' : 'done', loss, same: isSame(step, said, loss) }
  }

  async #load({ load }: Step): Promise<Loss | undefined> {
    const { component, sha256, code, supervisor } = this.#options
    await this.#session?.close()
    // The policy against modules that are killed again and again is for those that run.
    supervisor.resume(component)
    this.#session = new RunnerSession({
      component,
      sha256,
      code,
      capabilities: load!.capabilities,
      values: load!.values,
      limits: patient(load!.limits as Limits),
      control: supervisor,
      readings: 'given',
      loadedAt: () => this.#at,
      tape: { sent: () => {}, received: (said) => this.#received(said), lost: (loss) => this.#ended(loss) },
      onFrame: () => {},
      onLost: () => {},
      onEvent: () => {},
    })
    let lost: Loss | undefined
    this.#ended = (loss) => (lost = loss)
    try {
      await this.#session.load()
      return undefined
    } catch (error) {
      if (!lost && error instanceof IsolateLostError) throw error
      return lost ?? { hard: false, reason: 'load', detail: (error as Error).message, owner: 0, starved: false }
    }
  }

  #turn(readings: Uint8Array, frame: Frame): Promise<Loss | undefined> {
    return new Promise((resolve) => {
      this.#ended = resolve
      this.#session!.giveReadings(readings)
      this.#session!.turn(frame, frame.payload, turnMsMax)
    })
  }

  #received(frame: Frame): void {
    if (frame.kind === fromRunner.turnEnd) {
      this.#ended(undefined)
      return
    }
    if (frame.kind === fromRunner.lost) return
    const recorded = this.#calls.recorded(frame)
    this.#said.push(recorded ?? frame)
    if (frame.kind === fromRunner.syncCall) this.#answerNow(frame)
    else if (!recorded) this.#unanswered.push(frame)
  }

  #answerNow(frame: Frame): void {
    this.#session!.pause()
    this.#session!.answer(frame.id, this.#answers.shift()?.payload ?? noAnswer)
  }

  /** Changed code waits for nothing that cannot come: what it does then belongs to the same turn. */
  async #refuseUnanswered(): Promise<Loss | undefined> {
    for (let refused = 0; refused < refusalsMax; refused++) {
      const frame = this.#unanswered.shift()
      if (!frame) return undefined
      const payload = frame.kind === fromRunner.emit ? emitted : noAnswer
      const { id, owner } = frame
      const head = { kind: toRunner.resume, flag: 0, index: 0, id, owner, at: this.#at }
      const loss = await this.#turn(nothing, { ...head, payload })
      if (loss) return loss
    }
    return undefined
  }
}

const nothing = new Uint8Array(0)
const emitted = encodeValue({ value: delivered })
const noAnswer = encodeValue({
  error: { name: 'CapabilityError', code: 'io', message: 'The recording has no answer to this call' },
})

/** What an isolate said before it was lost depends on how fast it was; whoever ended it from outside had other reasons. */
function isSame(step: Step, said: readonly Frame[], loss: Loss | undefined): boolean {
  if (step.end !== 'lost') return !loss && sameFrames(step.said, said)
  return loss !== undefined || step.loss?.starved === true
}

function sameFrames(expected: readonly Frame[], found: readonly Frame[]): boolean {
  return expected.length === found.length && expected.every((frame, i) => sameFrame(frame, found[i]))
}

/** Byte by byte: the header's fields are all of it beside the payload. */
export function sameFrame(a: Frame | undefined, b: Frame | undefined): boolean {
  if (!a || !b) return a === b
  const heads = [encodeHeader(a, a.payload.length), encodeHeader(b, b.payload.length)] as const
  return Buffer.compare(...heads) === 0 && Buffer.compare(a.payload, b.payload) === 0
}

/** Time is no part of what is replayed: what ended in time on another machine may take longer here. */
function patient(limits: Limits): Limits {
  const turnTimeoutMs = Math.min(limits.turnTimeoutMs * patience, limitTable.turnTimeoutMs.max)
  return { ...limits, turnTimeoutMs, initTimeoutMs: limitTable.initTimeoutMs.max, cpuShare: Infinity }
}

function* saidUntilNextLoad(steps: readonly Step[], from: number): Generator<Frame> {
  for (let i = from; i < steps.length && (i === from || !steps[i]!.load); i++) yield* steps[i]!.said
}
