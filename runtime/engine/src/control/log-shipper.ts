import type { Outcome } from '@ingot/sdk'
import type { OutputBinding } from '@ingot/sdk/host'
import type { OwnLogLine } from '../lane/protocol.ts'

/** Lines that wait for their batch to go: what comes on top of them is dropped and counted. */
const waitingMax = 10_000
const batchLinesMax = 1_000
/** Pause before a batch that was refused is sent again. */
const retryMs = 1_000

/** Where the collector's own lines go. */
export interface LogOutput {
  readonly output: OutputBinding
  /** The components that they pass through: what these say themselves is not sent, or it would never end. */
  readonly reached: ReadonlySet<string>
}

export interface LogShipperOptions {
  /** Hands a batch to a lane, which answers through {@link LogShipper.settled}. */
  readonly send: (id: number, output: OutputBinding, lines: readonly OwnLogLine[]) => void
}

/** Sends the collector's own log lines to the receivers that `logging.write_to` lists: one batch at a time, in order. */
export class LogShipper {
  readonly #options: LogShipperOptions
  #to: LogOutput | undefined
  #waiting: OwnLogLine[] = []
  #underWay: readonly OwnLogLine[] | undefined
  #id = 0
  #retry: NodeJS.Timeout | undefined
  #delivered = 0
  #dropped = 0

  constructor(options: LogShipperOptions) {
    this.#options = options
  }

  /** Lines since the start, by what became of them. */
  get counts(): { readonly delivered: number; readonly dropped: number; readonly queued: number } {
    const queued = this.#waiting.length + (this.#underWay?.length ?? 0)
    return { delivered: this.#delivered, dropped: this.#dropped, queued }
  }

  /** Takes other receivers, or none: then nothing is sent any more. */
  configure(to: LogOutput | undefined): void {
    this.#to = to
    if (to) return this.#advance()
    this.#dropped += this.counts.queued
    this.#waiting = []
    this.#underWay = undefined
    clearTimeout(this.#retry)
  }

  /** @param component the component that the line is about */
  add(line: string, timeMs: number, component: unknown): void {
    if (!this.#to || this.#to.reached.has(component as string)) return
    if (this.#waiting.length >= waitingMax) this.#dropped++
    else this.#waiting.push({ line, timeMs })
    this.#advance()
  }

  settled(id: number, outcome: Outcome): void {
    if (id !== this.#id || !this.#underWay) return
    if (outcome.status === 'refused') {
      this.#retry = setTimeout(() => this.sendAgain(), outcome.retryAfterMs ?? retryMs).unref()
      return
    }
    if (outcome.status === 'delivered') this.#delivered += this.#underWay.length
    else this.#dropped += this.#underWay.length
    this.#underWay = undefined
    this.#advance()
  }

  /** What was under way when its lane died goes to the lane that takes its place. */
  sendAgain(): void {
    if (this.#to && this.#underWay) this.#options.send(++this.#id, this.#to.output, this.#underWay)
  }

  #advance(): void {
    if (this.#underWay || this.#waiting.length === 0) return
    this.#underWay = this.#waiting.splice(0, batchLinesMax)
    this.sendAgain()
  }
}
