import {
  ModuleQuarantinedError,
  type Overdue,
  type RunnerControl,
  type RunnerEvent,
  type RunnerExit,
} from '../control.ts'
import type { Limits } from '../limits.ts'
import { fromRunner, toRunner, type Frame, type FrameHead } from '../protocol/frame.ts'
import { LaneListener, type LaneConnection } from './lane-listener.ts'
import { IsolateLostError } from './isolate-lost-error.ts'

/** A runner that has closed its connection is given this long to end by itself, so that its real reason is seen. */
const endGraceMs = 200
/** What an instance that has left still had under way in a runner that others use may take so long. */
const leaveGraceMs = 10_000

export interface SeatOptions {
  /** Id of the component instance. */
  readonly instance: string
  readonly sha256: string
  readonly limits: Limits
  /** What the runner says while it runs a turn of the instance. */
  readonly onFrame: (frame: Frame) => void
  /** The runner wrote what is no frame. */
  readonly onGarbage: (error: Error) => void
  /** The runner is gone. `ran`: a turn of this instance ran, so that its end may be of its doing. */
  readonly onExit: (exit: RunnerExit, ran: boolean) => void
  readonly onEvent: (event: RunnerEvent) => void
  /** What the instance asked its host for last. */
  readonly lastCall: () => string | undefined
}

/** One instance's place in a runner. */
export interface Seat {
  /** Whether the turn that the runner works on now is one of this instance. */
  readonly running: boolean
  readonly connected: boolean
  /** A runner with a place for the instance. @throws ModuleQuarantinedError, and IsolateLostError when it is worth another try. */
  open(): Promise<void>
  send(head: FrameHead, payload: readonly Uint8Array[]): void
  /** Sends a frame that begins a turn. `onWritten`: its payload may change from then on. */
  turn(head: FrameHead, payload: readonly Uint8Array[], onWritten?: () => void): void
  overdue(turnMs: number, extensions: number, batch: number | undefined): Promise<Overdue>
  /** Control ends the runner for breaking the protocol; nothing that it says until then is heard. */
  violated(detail: string, batch: number | undefined): void
  isolateLost(reason: string): void
  close(): Promise<void>
}

/**
 * The lane's end of a runner: one connection, and the instances that have their isolates behind it. Turns run in the
 * order in which they were sent, whomever they are of, so what the runner says belongs to the oldest that is open.
 */
export class LaneRunner {
  readonly #control: RunnerControl
  readonly #outputBytesMax: number
  readonly #seats = new Map<number, LaneSeat>()
  /** In their order; of those that have left as well, until the runner has ended them. */
  #turns: LaneSeat[] = []
  /** Whom the next frame without a mark is for. */
  #selected = 0
  #listener: LaneListener | undefined
  #connection: LaneConnection | undefined
  #connecting: Promise<void> | undefined
  #runner = 0
  #exit: RunnerExit | undefined

  /** `outputBytesMax`: the largest frame that any of its instances may send. */
  constructor(control: RunnerControl, outputBytesMax: number) {
    this.#control = control
    this.#outputBytesMax = outputBytesMax
  }

  /** How many instances have a place in it. */
  get size(): number {
    return this.#seats.size
  }

  seat(options: SeatOptions): Seat {
    let member = 0
    while (this.#seats.has(member)) member++
    const seat = new LaneSeat(this, member, options)
    this.#seats.set(member, seat)
    return seat
  }

  // ------------------------------------------------------------ what seats ask

  get control(): RunnerControl {
    return this.#control
  }

  get runner(): number {
    return this.#runner
  }

  get connected(): boolean {
    return this.#connection !== undefined
  }

  get runs(): LaneSeat | undefined {
    return this.#turns[0]
  }

  async open(seat: LaneSeat): Promise<void> {
    while (!this.#connection) {
      if (!this.#connecting) return this.#connect(seat)
      // Why another instance did not get a runner is its own affair.
      await this.#connecting.catch(() => {})
    }
    const runner = this.#runner
    const { instance, sha256, limits } = seat.options
    try {
      await this.#control.join(runner, { instance, sha256, limits }, (event) => this.#event(seat, runner, event))
    } catch (error) {
      throw error instanceof ModuleQuarantinedError ? error : new IsolateLostError((error as Error).message)
    }
    if (seat.closed && this.#runner === runner) this.#control.leave(runner, instance)
    if (seat.closed || this.#runner !== runner || !this.#connection) throw new IsolateLostError('Its runner has ended')
    seat.joined = true
  }

  send(seat: LaneSeat, head: FrameHead, payload: readonly Uint8Array[], onWritten?: () => void): void {
    if (this.#selected !== seat.member) {
      this.#selected = seat.member
      this.#connection?.send({ kind: toRunner.member, index: seat.member }, [])
    }
    this.#connection?.send(head, payload, onWritten)
  }

  turn(seat: LaneSeat, head: FrameHead, payload: readonly Uint8Array[], onWritten?: () => void): void {
    this.#turns.push(seat)
    this.send(seat, head, payload, onWritten)
  }

  mute(): void {
    if (this.#connection) this.#connection.onFrame = () => {}
  }

  async leave(seat: LaneSeat): Promise<void> {
    this.#seats.delete(seat.member)
    if (this.#seats.size > 0) {
      this.#unload(seat)
      return
    }
    if (this.#runner !== 0) this.#control.release(this.#runner)
    this.#connection?.close()
    this.#gone()
    const listener = this.#listener
    this.#listener = undefined
    await listener?.close()
  }

  #unload(seat: LaneSeat): void {
    if (!seat.joined) return
    const runner = this.#runner
    this.send(seat, { kind: toRunner.unload }, [])
    this.#control.leave(runner, seat.options.instance)
    const check = (): void => {
      if (this.#runner === runner && this.#turns.includes(seat))
        this.#control.kill(
          runner,
          'deadline',
          'an instance that has left does not end',
          undefined,
          seat.options.instance,
        )
    }
    if (this.#turns.includes(seat)) setTimeout(check, leaveGraceMs).unref()
  }

  // ------------------------------------------------------------ the runner's life

  async #connect(seat: LaneSeat): Promise<void> {
    this.#connecting = this.#assign(seat)
    try {
      await this.#connecting
    } finally {
      this.#connecting = undefined
    }
  }

  async #assign(seat: LaneSeat): Promise<void> {
    const { instance, sha256, limits } = seat.options
    this.#listener ??= await LaneListener.open(this.#outputBytesMax)
    const listener = this.#listener
    const { token, connection } = listener.expect()
    this.#exit = undefined
    let assigned: number | undefined
    let ended: (exit: RunnerExit) => void
    const exited = new Promise<RunnerExit>((resolve) => {
      ended = resolve
    })
    const request = { instance, sha256, socketPath: listener.socketPath, token, limits }
    const { runner } = await this.#control.assign(request, (event) => {
      if (event.event === 'exited') ended(event.exit)
      this.#event(seat, assigned ?? 0, event)
    })
    assigned = runner
    if (seat.closed) {
      this.#control.release(runner)
      throw new IsolateLostError('The session is closed')
    }
    this.#runner = runner
    const opened = await Promise.race([connection, exited])
    if ('runner' in opened) throw new IsolateLostError(`The runner ended before it connected: ${opened.detail}`)
    if (seat.closed) {
      opened.close()
      if (this.#runner === runner) this.#control.release(runner)
      throw new IsolateLostError('The session is closed')
    }
    seat.joined = true
    this.#connection = opened
    opened.onFrame = (frame) => this.#frame(frame)
    opened.onEnd = (error) => this.#ended(error)
  }

  #event(seat: LaneSeat, runner: number, event: RunnerEvent): void {
    // Each instance is told of the same end, and some of them late.
    if (event.event === 'exited' && runner === this.#runner && !this.#exit) {
      this.#exit = event.exit
      if (!this.#connection) this.#lost()
    }
    if (!seat.closed) seat.options.onEvent(event)
  }

  #frame(frame: Frame): void {
    const seat = this.#turns[0] ?? this.#seats.values().next().value
    if (frame.kind === fromRunner.turnEnd) this.#turns.shift()
    // Turns that were sent before this was heard are skipped there.
    else if (frame.kind === fromRunner.lost) this.#turns = this.#turns.filter((other) => other !== seat)
    if (seat && !seat.closed) seat.options.onFrame(frame)
  }

  /** The socket has been read to its end, so everything that the runner managed to say is known. */
  #ended(error: Error | undefined): void {
    this.#connection = undefined
    if (error) (this.#turns[0] ?? this.#seats.values().next().value)?.options.onGarbage(error)
    const runner = this.#runner
    const endNow = (): void => {
      if (this.#runner === runner && !this.#exit)
        this.#control.kill(runner, 'crash', 'closed its connection', undefined, this.#turns[0]?.options.instance)
    }
    if (this.#exit) this.#lost()
    else setTimeout(endNow, endGraceMs).unref()
  }

  /** Whoever's turn it was is told last: the others need not wait out its back-off. */
  #lost(): void {
    const exit = this.#exit!
    const culprit = this.#turns[0]
    const last = culprit ?? this.#seats.values().next().value
    if (this.#runner !== 0) this.#control.blame(this.#runner, culprit?.options.instance, last?.options.lastCall())
    this.#gone()
    const told = [...this.#seats.values()].filter((seat) => seat !== culprit)
    if (culprit && !culprit.closed) told.push(culprit)
    for (const seat of told) {
      const wasIn = seat.joined
      seat.joined = false
      if (wasIn) seat.options.onExit(exit, seat === culprit)
    }
  }

  #gone(): void {
    this.#connection = undefined
    this.#runner = 0
    this.#turns = []
    this.#selected = 0
  }
}

class LaneSeat implements Seat {
  readonly member: number
  readonly options: SeatOptions
  readonly #lane: LaneRunner
  closed = false
  /** The runner at hand has a place for it. */
  joined = false

  constructor(lane: LaneRunner, member: number, options: SeatOptions) {
    this.#lane = lane
    this.member = member
    this.options = options
  }

  get running(): boolean {
    return this.#lane.runs === this
  }

  get connected(): boolean {
    return this.joined && this.#lane.connected
  }

  async open(): Promise<void> {
    if (!this.connected) await this.#lane.open(this)
  }

  send(head: FrameHead, payload: readonly Uint8Array[]): void {
    if (this.connected) this.#lane.send(this, head, payload)
  }

  turn(head: FrameHead, payload: readonly Uint8Array[], onWritten?: () => void): void {
    if (this.connected) this.#lane.turn(this, head, payload, onWritten)
  }

  overdue(turnMs: number, extensions: number, batch: number | undefined): Promise<Overdue> {
    return this.#lane.control.overdue(this.#lane.runner, turnMs, extensions, batch, this.options.instance)
  }

  violated(detail: string, batch: number | undefined): void {
    this.#lane.mute()
    this.#lane.control.kill(this.#lane.runner, 'protocol', detail, batch, this.options.instance)
  }

  isolateLost(reason: string): void {
    this.#lane.control.isolateLost(this.#lane.runner, reason, this.options.instance)
  }

  async close(): Promise<void> {
    if (this.closed) return
    this.closed = true
    await this.#lane.leave(this)
  }
}
