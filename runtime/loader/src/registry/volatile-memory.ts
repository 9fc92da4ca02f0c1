import type { Remembered, TrustMemory } from './registry-memory.ts'

/** Remembers nothing but what one reader has seen: for copies of a registry, which may be older than what was seen of it. */
export class VolatileMemory implements TrustMemory {
  #known: Remembered = { indexes: {} }

  async read(): Promise<Remembered> {
    return this.#known
  }

  async update(change: (known: Remembered) => Remembered): Promise<void> {
    this.#known = change(this.#known)
  }

  async keepEvidence(): Promise<string> {
    return 'nowhere'
  }
}
