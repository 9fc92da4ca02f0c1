/** What the module reads of clock and chance in one turn and is kept of it: more is replayed as the last one. */
const readingsMax = 100_000
const none = new Uint8Array(0)

/**
 * The readings of clock and chance that a module makes through its capabilities, in their order. They are all that a
 * turn depends on beside its frames: a recording is told them, a replay gives them.
 */
export class Readings {
  mode: 'told' | 'given' | undefined
  #values: number[] = []
  #next = 0

  read(real: () => number): number {
    if (this.mode === 'given') return this.#values[Math.min(this.#next++, this.#values.length - 1)] ?? 0
    const value = real()
    if (this.mode === 'told' && this.#values.length < readingsMax) this.#values.push(value)
    return value
  }

  /** Of the next turn. */
  give(payload: Uint8Array<ArrayBuffer>): void {
    this.#values = [...new Float64Array(payload.slice().buffer)]
    this.#next = 0
  }

  /** Of the turn that ends. */
  tell(): Uint8Array {
    if (this.mode !== 'told' || this.#values.length === 0) return none
    const told = new Uint8Array(new Float64Array(this.#values).buffer)
    this.#values = []
    return told
  }
}
