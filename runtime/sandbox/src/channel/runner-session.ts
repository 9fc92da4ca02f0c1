import { starvedReason, type RunnerControl, type RunnerEvent, type RunnerExit } from '../control.ts'
import type { Limits } from '../limits.ts'
import { fromRunner, toRunner, type Frame, type FrameHead } from '../protocol/frame.ts'
import type { LoadMessage, LostMessage, RoomLimits } from '../protocol/messages.ts'
import type { Tape } from '../recording/tape.ts'
import { IsolateLostError } from './isolate-lost-error.ts'
import { LaneRunner, type Seat } from './lane-runner.ts'
import type { RunnerGroup } from './runner-group.ts'
import { TurnClock } from './turn-clock.ts'

/** An isolate was lost, with its runner (`hard`) or without. */
export interface Loss {
  readonly hard: boolean
  readonly reason: string
  readonly detail: string
  /** The delivery whose turn was running: 0 for none. */
  readonly owner: number
  /** What the module had asked its host for last. */
  readonly lastCall?: string | undefined
  /** The machine was busy: it says nothing about the batch. */
  readonly starved: boolean
}

/** The module cannot be loaded: trying again would end the same way. */
export class ModuleLoadError extends Error {
  override readonly name = 'ModuleLoadError'
}

export interface SessionOptions {
  readonly component: string
  readonly code: Uint8Array
  readonly sha256: string
  readonly capabilities: readonly string[]
  readonly values: Readonly<Record<string, unknown>>
  /** The code is a module's functions. */
  readonly functions?: boolean
  readonly limits: Limits
  readonly control: RunnerControl
  /** The instances that it shares runners with; none where it is absent. */
  readonly group?: RunnerGroup
  /** Frames other than those of the session itself. What it throws is a violation of the protocol. */
  readonly onFrame: (frame: Frame) => void
  readonly onLost: (loss: Loss) => void
  /** What the module asked its host for last. */
  readonly lastCall?: () => string | undefined
  readonly onEvent: (event: RunnerEvent) => void
  readonly tape?: Tape
  /** The time of a load that is replayed. */
  readonly loadedAt?: () => number
  /** Whether the runner tells what the module reads of clock and chance, or is given it: see {@link giveReadings}. */
  readonly readings?: 'told' | 'given'
}

const starvedShare = 0.5
/** An honest runner ends itself long before: what it may post in one turn, and what the end of a turn adds. */
const framesPerTurnMax = 25_000
const turnTimeoutMaxMs = 5_000
const initTimeoutMaxMs = 10_000
const utf8 = new TextDecoder()

/** The connection to one isolate after the other: loads the module, keeps the clock of its turns, notices its loss. */
export class RunnerSession {
  readonly #options: SessionOptions
  readonly #clock: TurnClock
  readonly #seat: Seat
  #loading: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined
  #extensions = 0
  #framesInTurn = 0
  #asking = false
  /** Doubles the timeouts after an isolate that was lost to a busy machine. */
  #patience = 1
  #closed = false

  constructor(options: SessionOptions) {
    this.#options = options
    const { control, group, component, sha256, limits } = options
    const runner = group?.runner() ?? new LaneRunner(control, limits.outputBytesMax)
    this.#seat = runner.seat({
      instance: component,
      sha256,
      limits,
      onFrame: (frame) => this.#frame(frame),
      onGarbage: (error) => this.violated(error.message),
      onExit: (exit, ran) => this.#lostHard(exit, ran),
      onEvent: options.onEvent,
      lastCall: () => options.lastCall?.(),
    })
    this.#clock = new TurnClock(
      (turnMs, owner) => void this.#overdue(turnMs, owner),
      () => this.#seat.running,
    )
  }

  /** Turns that the runner owes an end to. */
  get turns(): number {
    return this.#clock.size
  }

  /**
   * A fresh isolate with the module in it, in the runner at hand or in a new one.
   * @throws ModuleLoadError, ModuleQuarantinedError, and IsolateLostError when it is worth another try.
   */
  async load(): Promise<void> {
    if (this.#closed) throw new IsolateLostError('The session is closed')
    await this.#seat.open()
    const { component, sha256, capabilities, values, limits, code } = this.#options
    const { tape, readings, functions } = this.#options
    const message: LoadMessage = {
      component,
      sha256,
      capabilities,
      values,
      limits: this.#roomLimits(),
      ...(functions && { functions }),
      ...(readings && { readings }),
    }
    const json = Buffer.from(JSON.stringify(message))
    await new Promise<void>((resolve, reject) => {
      this.#loading = { resolve, reject }
      this.#clock.begin(0, message.limits.initTimeoutMs + limits.batchDeadlineMs)
      const head = { kind: toRunner.load, id: json.length, at: this.#options.loadedAt?.() ?? Date.now() }
      tape?.sent(head, json)
      this.#seat.turn(head, [json, code])
    })
  }

  /** Sends a frame that begins a turn of the given delivery. `onWritten`: the payload may change from then on. */
  turn(
    head: FrameHead,
    payload: Uint8Array,
    allowanceMs = this.#options.limits.batchDeadlineMs,
    onWritten?: () => void,
  ): void {
    if (!this.#seat.connected) return
    this.#clock.begin(head.owner ?? 0, allowanceMs)
    const timed = { ...head, at: head.at ?? Date.now() }
    this.#options.tape?.sent(timed, payload)
    this.#seat.turn(timed, [payload], onWritten)
  }

  /** Answers a synchronous call: no new turn, the running one goes on. */
  answer(id: number, payload: Uint8Array): void {
    const head = { kind: toRunner.syncResult, id }
    this.#options.tape?.sent(head, payload)
    this.#seat.send(head, [payload])
    this.#clock.resume()
  }

  /** What the module is to read of clock and chance in the next turn. */
  giveReadings(payload: Uint8Array): void {
    this.#seat.send({ kind: toRunner.readings }, [payload])
  }

  /** The runner waits for an answer of the lane. */
  pause(): void {
    this.#clock.pause()
  }

  /** Control ends the runner; nothing that it says until then is heard. */
  violated(detail: string): void {
    this.#seat.violated(detail, this.#clock.runningOwner || undefined)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#clock.clear()
    this.#loading?.reject(new IsolateLostError('The session is closed'))
    this.#loading = undefined
    await this.#seat.close()
  }

  #frame(frame: Frame): void {
    this.#options.tape?.received(frame)
    try {
      // A runner is a loop: nothing of it runs between turns, so whoever speaks there is something else.
      if (this.#clock.size === 0) throw new Error('it spoke when it had no turn')
      if (++this.#framesInTurn > framesPerTurnMax)
        throw new Error(`it sent more than ${framesPerTurnMax} frames in a turn`)
      if (frame.payload.length > this.#options.limits.outputBytesMax)
        throw new Error(`it sent a frame of ${frame.payload.length} bytes`)
      if (frame.kind === fromRunner.turnEnd) this.#turnEnded()
      else if (frame.kind === fromRunner.lost) this.#lostSoft(JSON.parse(utf8.decode(frame.payload)) as LostMessage)
      else this.#options.onFrame(frame)
    } catch (error) {
      this.violated((error as Error).message)
    }
  }

  #turnEnded(): void {
    this.#clock.end()
    this.#framesInTurn = 0
    this.#extensions = 0
    if (!this.#loading) this.#patience = 1
    this.#loading?.resolve()
    this.#loading = undefined
  }

  #lostSoft(lost: LostMessage): void {
    const { reason, wallMs, cpuMs } = lost
    const owner = this.#clock.runningOwner
    const starved = reason === 'timeout' && this.#wasStarved(wallMs, cpuMs)
    if (starved) this.#patience *= 2
    this.#clock.clear()
    this.#framesInTurn = 0
    const detail = String(lost.error ?? `after ${Math.round(wallMs)} ms, ${Math.round(cpuMs)} ms of them with a CPU`)
    if (reason !== 'load') this.#seat.isolateLost(starved ? starvedReason : reason)
    this.#report(reason === 'load' ? new ModuleLoadError(detail) : undefined, {
      hard: false,
      reason: String(reason),
      detail,
      owner,
      starved,
    })
  }

  /** It got little of the CPU, and less than a turn may take: with doubled patience even a busy machine comes to a verdict. */
  #wasStarved(wallMs: number, cpuMs: number): boolean {
    const { initTimeoutMs, turnTimeoutMs } = this.#options.limits
    const allowedMs = wallMs >= initTimeoutMs * this.#patience ? initTimeoutMs : turnTimeoutMs
    return cpuMs < starvedShare * wallMs && cpuMs < allowedMs
  }

  #lostHard({ reason, detail }: RunnerExit, ran: boolean): void {
    if (this.#closed) return
    const owner = ran ? this.#clock.runningOwner : 0
    this.#clock.clear()
    this.#framesInTurn = 0
    // Whoever killed it from outside says nothing about the batch, as a busy machine does not.
    this.#report(undefined, { hard: true, reason, detail, owner, starved: reason === 'killed' })
  }

  #report(loadError: ModuleLoadError | undefined, loss: Loss): void {
    this.#options.tape?.lost(loss)
    const loading = this.#loading
    this.#loading = undefined
    if (loading) loading.reject(loadError ?? new IsolateLostError(`${loss.reason}: ${loss.detail}`))
    else this.#options.onLost({ ...loss, lastCall: this.#options.lastCall?.() })
  }

  async #overdue(turnMs: number, owner: number): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    const verdict = await this.#seat.overdue(turnMs, this.#extensions, owner || undefined)
    this.#asking = false
    if (verdict === 'extended') {
      this.#extensions++
      this.#clock.extend()
    }
  }

  #roomLimits(): RoomLimits {
    const { limits } = this.#options
    return {
      ...limits,
      turnTimeoutMs: Math.min(limits.turnTimeoutMs * this.#patience, turnTimeoutMaxMs),
      initTimeoutMs: Math.min(limits.initTimeoutMs * this.#patience, initTimeoutMaxMs),
    }
  }
}
