import type { Limits } from '../limits.ts'
import type { Delivery, Settlement } from './delivery.ts'

/** Deliveries that were given up and may still be heard of. */
const condemnedMax = 10_000
const idlePollMs = 5

/** The batches that are inside the runner, and those that wait for a place there. */
export class DeliveryWindow {
  readonly #limits: Limits
  readonly #ready: () => boolean
  readonly #open = new Map<number, Delivery>()
  readonly #condemned = new Set<number>()
  readonly #waiting: (() => void)[] = []
  #bytes = 0

  /** `ready`: whether the runner takes batches now. */
  constructor(limits: Limits, ready: () => boolean) {
    this.#limits = limits
    this.#ready = ready
  }

  get size(): number {
    return this.#open.size
  }

  get full(): boolean {
    return this.#waiting.length >= this.#limits.waitingMax
  }

  get(id: number): Delivery | undefined {
    return this.#open.get(id)
  }

  /** In the order in which they came. */
  all(): Delivery[] {
    return [...this.#open.values()]
  }

  /** Calls `begin` when there is a place for so many bytes: now, or later. */
  admit(bytes: number, begin: () => void): void {
    if (this.#waiting.length === 0 && this.#fits(bytes)) begin()
    else this.#waiting.push(begin)
  }

  /** Lets waiting batches in. The size of the next one is not known here: the window may be exceeded by one batch. */
  pump(): void {
    while (this.#waiting.length > 0 && this.#fits(0)) this.#waiting.shift()!()
  }

  /** Lets all waiting batches in, whatever becomes of them. */
  release(): void {
    for (const begin of this.#waiting.splice(0)) begin()
  }

  add(delivery: Delivery): void {
    this.#open.set(delivery.id, delivery)
    this.#bytes += delivery.frame.length
  }

  /** Takes a delivery out; false when it was not there. */
  remove(delivery: Delivery): boolean {
    if (!this.#open.delete(delivery.id)) return false
    this.#bytes -= delivery.frame.length
    return true
  }

  settle(delivery: Delivery, settlement: Settlement): void {
    if (!this.remove(delivery)) return
    delivery.settle(settlement)
    this.pump()
  }

  /** What is still heard of the delivery does not count any more. */
  condemn(delivery: Delivery): void {
    this.#condemned.add(delivery.id)
    if (this.#condemned.size > condemnedMax) this.#condemned.delete(this.#condemned.values().next().value!)
  }

  isCondemned(id: number): boolean {
    return this.#condemned.has(id)
  }

  async idle(): Promise<void> {
    while (this.#open.size > 0) await new Promise((resolve) => setTimeout(resolve, idlePollMs))
  }

  #fits(bytes: number): boolean {
    if (!this.#ready()) return false
    const { windowBatchesMax, windowBytesMax } = this.#limits
    return this.#open.size === 0 || (this.#open.size < windowBatchesMax && this.#bytes + bytes <= windowBytesMax)
  }
}
