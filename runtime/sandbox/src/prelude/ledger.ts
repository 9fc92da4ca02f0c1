import type { HostLedger } from '@ingot/sdk/host'
import { fromRunner } from '../protocol/frame.ts'
import type { LedgerMessage } from '../protocol/messages.ts'
import type { Bridge } from './bridge.ts'

/** Reasons of drops that one turn may name; more are counted as `other`. */
const reasonsMax = 32
const reasonLengthMax = 64

/** Collects the component's counts during a turn and sends them, with the turn's delivery, when it ends. */
export class TurnLedger implements HostLedger {
  readonly #bridge: Bridge
  #counts: { created?: number; sent?: number; merged?: number; quarantined?: number; queued?: number } = {}
  #dropped: Map<string, number> | undefined
  #touched = false

  constructor(bridge: Bridge) {
    this.#bridge = bridge
  }

  // The lane counts what comes in and goes out: it sees every batch, and need not believe the module.
  received(): void {}
  refused(): void {}
  emitted(): void {}

  created(records: number): void {
    this.#add('created', records)
  }
  sent(records: number): void {
    this.#add('sent', records)
  }
  merged(records: number): void {
    this.#add('merged', records)
  }
  quarantined(records: number): void {
    this.#add('quarantined', records)
  }
  queued(records: number): void {
    this.#counts.queued = checkedCount(records)
    this.#touched = true
  }
  dropped(records: number, reason: string): void {
    const dropped = (this.#dropped ??= new Map())
    const name = String(reason).slice(0, reasonLengthMax)
    const key = dropped.has(name) || dropped.size < reasonsMax ? name : 'other'
    dropped.set(key, (dropped.get(key) ?? 0) + checkedCount(records))
    this.#touched = true
  }

  flush(owner: number): void {
    if (!this.#touched) return
    const message: LedgerMessage = {
      ...this.#counts,
      ...(this.#dropped && { dropped: Object.fromEntries(this.#dropped) }),
    }
    this.#counts = {}
    this.#dropped = undefined
    this.#touched = false
    this.#bridge.post(fromRunner.ledger, 0, 0, 0, owner, JSON.stringify(message))
  }

  #add(name: 'created' | 'sent' | 'merged' | 'quarantined', records: number): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + checkedCount(records)
    this.#touched = true
  }
}

/** The lane takes anything else for the work of a hostile runner. */
function checkedCount(records: number): number {
  if (Number.isSafeInteger(records) && records >= 0) return records
  throw new RangeError(
    `Cannot count ${String(records).slice(0, reasonLengthMax)} records: want a whole number of at least 0`,
  )
}
