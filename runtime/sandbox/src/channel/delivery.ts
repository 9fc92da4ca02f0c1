import type { Outcome } from '@ingot/sdk'
import type { LedgerMessage } from '../protocol/messages.ts'

/** How a delivery ended, and by whose doing. */
export interface Settlement {
  readonly outcome: Outcome
  /**
   * `component`: it decided; `error`: its handler threw or misbehaved; `quarantine`: the batch was set aside; `stopped`:
   * nobody took it; `bypass`: it is to go around the module.
   */
  readonly by: 'component' | 'error' | 'quarantine' | 'stopped' | 'bypass'
  /** What the component counted on behalf of the batch. */
  readonly ledger: readonly LedgerMessage[]
  /** The system has the whole frame and nobody writes it any more: its memory may be used for other things. */
  readonly frameDone?: boolean
}

interface Emitted {
  readonly output: number
  readonly frame: Uint8Array
  readonly outcome: Promise<Outcome>
  readonly onDone: () => void
}

/** Once for the first try and once again. */
const triesMax = 2
/** Losses in which the machine, not the batch, was at fault. */
const starvedTriesMax = 5
/** Small batches may grow more than their share: headers and labels. */
const outputFloorBytes = 64 * 1024

/** A batch inside the runner: its frame is kept until its fate is settled. */
export class Delivery {
  readonly id: number
  readonly port: string
  readonly frame: Uint8Array
  readonly count: number
  /** The batch's time: what the module sees in all turns that it takes, a second try included. */
  readonly at = Date.now()
  ledger: LedgerMessage[] = []
  readonly #settle: (settlement: Settlement) => void
  /** Records that went out on behalf of the batch. */
  #sent = 0
  #surplus: ((records: number) => void) | undefined
  readonly #onSurplus: (records: number) => void
  #faults = 0
  #starved = 0
  #emitted: Emitted[] = []
  #emitIndex = 0
  #outputBytes = 0
  #rewound = false
  #written = false

  constructor(options: {
    readonly id: number
    readonly port: string
    readonly frame: Uint8Array
    readonly count: number
    readonly settle: (settlement: Settlement) => void
    /** Records went out although the batch did not: they are more than came in. */
    readonly onSurplus: (records: number) => void
  }) {
    this.id = options.id
    this.port = options.port
    this.frame = options.frame
    this.count = options.count
    this.#settle = options.settle
    this.#onSurplus = options.onSurplus
  }

  /** What the batch has brought out counts twice when the batch itself is dropped, quarantined or given back whole. */
  settle(settlement: Settlement): void {
    this.#settle(settlement)
    for (const { outcome, onDone } of this.#emitted) outcome.then(onDone, () => {})
    if (settlement.by === 'component' && settlement.outcome.status !== 'refused') return
    this.#surplus = this.#onSurplus
    if (this.#sent > 0) this.#surplus(this.#sent)
  }

  /** The system has its frame. A runner's word is not taken for it: it may settle what it has not read. */
  written(): void {
    this.#written = true
  }

  /** Written, and sent once: no write of an earlier connection can still refer to the frame. */
  get frameDone(): boolean {
    return this.#written && !this.#rewound
  }

  /** The delivery begins anew in another isolate. */
  rewind(): void {
    this.#rewound = true
    this.#emitIndex = 0
    this.#outputBytes = 0
    this.ledger = []
  }

  /** An isolate was lost in a turn of this delivery; true when it may be tried again. */
  blame(starved: boolean): boolean {
    if (starved && ++this.#starved <= starvedTriesMax) return true
    return ++this.#faults < triesMax
  }

  /** Whether output of that size still fits what a batch may become. */
  admits(bytes: number, perInputMax: number, bytesMax: number): boolean {
    this.#outputBytes += bytes
    return this.#outputBytes <= Math.min(bytesMax, Math.max(outputFloorBytes, perInputMax * this.frame.length))
  }

  /**
   * The fate of the delivery's next output. After a lost isolate the component repeats its work, and what it emitted
   * before with the same bytes is not sent a second time. `onDone`: nobody looks at the frame any more.
   */
  emit(
    output: number,
    frame: Uint8Array,
    records: number,
    send: () => Promise<Outcome>,
    onDone: () => void = () => {},
  ): Promise<Outcome> {
    const index = this.#emitIndex++
    const before = this.#emitted[index]
    if (before && before.output === output && Buffer.compare(before.frame, frame) === 0) return before.outcome
    const outcome = send().then((settled) => {
      if (settled.status !== 'refused') this.#wentOut(records)
      return settled
    })
    this.#emitted[index] = { output, frame, outcome, onDone }
    return outcome
  }

  #wentOut(records: number): void {
    this.#sent += records
    this.#surplus?.(records)
  }
}
