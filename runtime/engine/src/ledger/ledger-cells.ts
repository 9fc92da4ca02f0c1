import type { HostLedger } from '@ingot/sdk/host'

/** What is counted per component: `in + created = out + merged + dropped + refused + quarantined + queued` once nothing is in a handler. */
export const ledgerCells = ['in', 'created', 'out', 'merged', 'dropped', 'refused', 'quarantined', 'queued'] as const
export type LedgerCell = (typeof ledgerCells)[number]

/** Reasons that one component may tell apart; further ones are counted as `other`. */
const reasonsMax = 24
const reasonNameBytes = 40
const reasonBytes = 8 + reasonNameBytes
const cellBytes = ledgerCells.length * 8
const ledgerBytes = cellBytes + reasonsMax * reasonBytes

export interface LedgerSnapshot extends Readonly<Record<LedgerCell, number>> {
  readonly reasons: Readonly<Record<string, number>>
}

/**
 * The counters of one instance, in memory that the lane and control share: they outlive a lane that dies. The lane is
 * the only writer while it runs; control writes only after the lane is gone.
 */
export class LedgerCells implements HostLedger {
  readonly memory: SharedArrayBuffer
  readonly #cells: Float64Array
  readonly #reasons: { readonly count: Float64Array; readonly name: Uint8Array }[] = []
  readonly #known = new Map<string, Float64Array>()

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(ledgerBytes)) {
    this.memory = memory
    this.#cells = new Float64Array(memory, 0, ledgerCells.length)
    for (let i = 0; i < reasonsMax; i++) {
      const offset = cellBytes + i * reasonBytes
      this.#reasons.push({
        count: new Float64Array(memory, offset, 1),
        name: new Uint8Array(memory, offset + 8, reasonNameBytes),
      })
    }
  }

  received(records: number): void {
    this.#add('in', records)
  }
  created(records: number): void {
    this.#add('created', records)
  }
  emitted(records: number): void {
    this.#add('out', records)
  }
  sent(records: number): void {
    this.#add('out', records)
  }
  merged(records: number): void {
    this.#add('merged', records)
  }
  refused(records: number): void {
    this.#add('refused', records)
  }
  quarantined(records: number): void {
    this.#add('quarantined', records)
  }
  dropped(records: number, reason: string): void {
    if (records === 0) return
    this.#add('dropped', records)
    const cell = this.#known.get(reason) ?? this.#reasonCell(reason)
    cell[0]! += records
  }
  queued(records: number): void {
    this.#cells[ledgerCells.indexOf('queued')] = records
  }

  snapshot(): LedgerSnapshot {
    const cells = Object.fromEntries(ledgerCells.map((name, i) => [name, this.#cells[i]!])) as Record<
      LedgerCell,
      number
    >
    const reasons: Record<string, number> = {}
    for (const { count, name } of this.#reasons) {
      const text = reasonText(name)
      if (text !== '') reasons[text] = count[0]!
    }
    return { ...cells, reasons }
  }

  /**
   * Closes the books of an instance whose lane is gone: what it held goes back to whoever owned it before (a source's
   * position has not moved, a sender keeps its batch until it is settled, a durable queue is found again on disk).
   */
  closeBooks(): number {
    this.queued(0)
    const held = heldRecords(this.snapshot())
    this.refused(held)
    return held
  }

  #add(cell: LedgerCell, records: number): void {
    this.#cells[ledgerCells.indexOf(cell)]! += records
  }

  #reasonCell(reason: string): Float64Array {
    for (const { count, name } of this.#reasons) {
      const text = reasonText(name)
      if (text === '') writeReason(name, reason)
      if (text === '' || text === reason.slice(0, reasonNameBytes)) {
        this.#known.set(reason, count)
        return count
      }
    }
    const last = this.#reasons.at(-1)!
    writeReason(last.name, 'other')
    this.#known.set(reason, last.count)
    return last.count
  }
}

/** Records that an instance has taken or made and whose fate it has not settled, its queue left out. */
export function heldRecords(ledger: Readonly<Record<LedgerCell, number>>): number {
  const settled = ledger.out + ledger.merged + ledger.dropped + ledger.refused + ledger.quarantined
  return ledger.in + ledger.created - settled - ledger.queued
}

/** Adds up the ledgers of a component's instances. */
export function sumLedgers(snapshots: readonly LedgerSnapshot[]): LedgerSnapshot {
  const total = Object.fromEntries(ledgerCells.map((name) => [name, 0])) as Record<LedgerCell, number>
  const reasons: Record<string, number> = {}
  for (const snapshot of snapshots) {
    for (const name of ledgerCells) total[name] += snapshot[name]
    for (const [reason, count] of Object.entries(snapshot.reasons)) reasons[reason] = (reasons[reason] ?? 0) + count
  }
  return { ...total, reasons }
}

function reasonText(name: Uint8Array): string {
  const end = name.indexOf(0)
  return String.fromCharCode(...name.subarray(0, end < 0 ? name.length : end))
}

function writeReason(name: Uint8Array, reason: string): void {
  const text = reason.slice(0, reasonNameBytes)
  name.fill(0)
  for (let i = 0; i < text.length; i++) name[i] = text.charCodeAt(i) & 0x7f
}
