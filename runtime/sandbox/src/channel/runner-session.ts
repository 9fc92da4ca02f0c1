import { starvedReason, type RunnerControl, type RunnerEvent, type RunnerExit } from '../control.ts'
import type { Limits } from '../limits.ts'
import { fromRunner, toRunner, type Frame, type FrameHead } from '../protocol/frame.ts'
import type { LoadMessage, LostMessage, RoomLimits } from '../protocol/messages.ts'
import type { Tape } from '../recording/tape.ts'
import { LaneListener, type LaneConnection } from './lane-listener.ts'
import { TurnClock } from './turn-clock.ts'

/** An isolate was lost, with its runner (`hard`) or without. */
export interface Loss {
  readonly hard: boolean
  readonly reason: string
  readonly detail: string
  /** The delivery whose turn was running: 0 for none. */
  readonly owner: number
  /** The machine was busy: it says nothing about the batch. */
  readonly starved: boolean
}

export class IsolateLostError extends Error {
  override readonly name = 'IsolateLostError'
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
  readonly limits: Limits
  readonly control: RunnerControl
  /** Frames other than those of the session itself. What it throws is a violation of the protocol. */
  readonly onFrame: (frame: Frame) => void
  readonly onLost: (loss: Loss) => void
  readonly onEvent: (event: RunnerEvent) => void
  readonly tape?: Tape
  /** The time of a load that is replayed. */
  readonly loadedAt?: () => number
  /** Whether the runner tells what the module reads of clock and chance, or is given it: see {@link giveReadings}. */
  readonly readings?: 'told' | 'given'
}

/** A runner that has closed its connection is given this long to end by itself, so that its real reason is seen. */
const endGraceMs = 200
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
  #listener: LaneListener | undefined
  #connection: LaneConnection | undefined
  #runner = 0
  #exit: RunnerExit | undefined
  #loading: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined
  #extensions = 0
  #framesInTurn = 0
  #asking = false
  /** Doubles the timeouts after an isolate that was lost to a busy machine. */
  #patience = 1
  #closed = false

  constructor(options: SessionOptions) {
    this.#options = options
    this.#clock = new TurnClock((turnMs, owner) => void this.#overdue(turnMs, owner))
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
    if (!this.#connection) await this.#connect()
    const { component, sha256, capabilities, values, limits, code } = this.#options
    const { tape, readings } = this.#options
    const message: LoadMessage = {
      component,
      sha256,
      capabilities,
      values,
      limits: this.#roomLimits(),
      ...(readings && { readings }),
    }
    const json = Buffer.from(JSON.stringify(message))
    await new Promise<void>((resolve, reject) => {
      this.#loading = { resolve, reject }
      this.#clock.begin(0, message.limits.initTimeoutMs + limits.batchDeadlineMs)
      const head = { kind: toRunner.load, id: json.length, at: this.#options.loadedAt?.() ?? Date.now() }
      tape?.sent(head, json)
      this.#connection!.send(head, json, code)
    })
  }

  /** Sends a frame that begins a turn of the given delivery. */
  turn(head: FrameHead, payload: Uint8Array, allowanceMs = this.#options.limits.batchDeadlineMs): void {
    if (!this.#connection) return
    this.#clock.begin(head.owner ?? 0, allowanceMs)
    const timed = { ...head, at: head.at ?? Date.now() }
    this.#options.tape?.sent(timed, payload)
    this.#connection.send(timed, payload)
  }

  /** Answers a synchronous call: no new turn, the running one goes on. */
  answer(id: number, payload: Uint8Array): void {
    const head = { kind: toRunner.syncResult, id }
    this.#options.tape?.sent(head, payload)
    this.#connection?.send(head, payload)
    this.#clock.resume()
  }

  /** What the module is to read of clock and chance in the next turn. */
  giveReadings(payload: Uint8Array): void {
    this.#connection?.send({ kind: toRunner.readings }, payload)
  }

  /** The runner waits for an answer of the lane. */
  pause(): void {
    this.#clock.pause()
  }

  /** Control ends the runner; nothing that it says until then is heard. */
  violated(detail: string): void {
    if (this.#connection) this.#connection.onFrame = () => {}
    this.#options.control.kill(this.#runner, 'protocol', detail, this.#clock.runningOwner || undefined)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#clock.clear()
    this.#loading?.reject(new IsolateLostError('The session is closed'))
    this.#loading = undefined
    if (this.#runner !== 0) this.#options.control.release(this.#runner)
    this.#connection?.close()
    this.#connection = undefined
    await this.#listener?.close()
  }

  async #connect(): Promise<void> {
    const { limits, control, component, sha256 } = this.#options
    this.#listener ??= await LaneListener.open(limits.outputBytesMax)
    const { token, connection } = this.#listener.expect()
    this.#exit = undefined
    let ended: (exit: RunnerExit) => void
    const exited = new Promise<RunnerExit>((resolve) => {
      ended = resolve
    })
    const request = { instance: component, sha256, socketPath: this.#listener.socketPath, token, limits }
    const { runner } = await control.assign(request, (event) => {
      if (event.event === 'exited') {
        this.#exit = event.exit
        ended(event.exit)
        if (!this.#connection) this.#lostHard()
      }
      this.#options.onEvent(event)
    })
    if (this.#closed) {
      control.release(runner)
      throw new IsolateLostError('The session is closed')
    }
    this.#runner = runner
    const opened = await Promise.race([connection, exited])
    if ('runner' in opened) throw new IsolateLostError(`The runner ended before it connected: ${opened.detail}`)
    if (this.#closed) {
      opened.close()
      throw new IsolateLostError('The session is closed')
    }
    this.#connection = opened
    opened.onFrame = (frame) => this.#frame(frame)
    opened.onEnd = (error) => this.#ended(error)
  }

  #frame(frame: Frame): void {
    this.#options.tape?.received(frame)
    try {
      // A runner is a loop: nothing of it runs between turns, so whoever speaks there is something else.
      if (this.#clock.size === 0) throw new Error('it spoke when it had no turn')
      if (++this.#framesInTurn > framesPerTurnMax)
        throw new Error(`it sent more than ${framesPerTurnMax} frames in a turn`)
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
    if (reason !== 'load') this.#options.control.isolateLost(this.#runner, starved ? starvedReason : reason)
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

  /** The socket has been read to its end, so everything that the runner managed to say is known. */
  #ended(error: Error | undefined): void {
    this.#connection = undefined
    if (error) this.violated(error.message)
    const runner = this.#runner
    const endNow = (): void => {
      if (this.#runner === runner && !this.#exit) this.#options.control.kill(runner, 'crash', 'closed its connection')
    }
    if (this.#exit) this.#lostHard()
    else setTimeout(endNow, endGraceMs).unref()
  }

  #lostHard(): void {
    if (this.#closed) return
    const { reason, detail } = this.#exit!
    const owner = this.#clock.runningOwner
    this.#runner = 0
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
    else this.#options.onLost(loss)
  }

  async #overdue(turnMs: number, owner: number): Promise<void> {
    if (this.#asking) return
    this.#asking = true
    const verdict = await this.#options.control.overdue(this.#runner, turnMs, this.#extensions, owner || undefined)
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
