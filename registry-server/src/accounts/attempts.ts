import { LRUCache } from 'lru-cache'
import { Problem } from '../problem.ts'

/** Whoever is not heard of for longer than their bucket takes to fill needs no bucket. */
const bucketsMax = 50_000

/**
 * How often something may fail: each key has a bucket of attempts that fills again with time. Nobody is locked out for
 * long, so nobody can lock others out.
 */
export class Attempts {
  readonly #capacity: number
  readonly #refillMs: number
  readonly #buckets = new LRUCache<string, { left: number; at: number }>({ max: bucketsMax })

  constructor({ capacity, refillMs }: { readonly capacity: number; readonly refillMs: number }) {
    this.#capacity = capacity
    this.#refillMs = refillMs
  }

  /** Runs `work` if the key has an attempt left; every refusal of it takes one. @throws Problem `rate_limited` */
  async count<T>(key: string, work: () => Promise<T>): Promise<T> {
    this.want(key)
    // Taken before it is known how it ends: guesses that run at once count too.
    this.#add(key, -1)
    let refused = false
    try {
      return await work()
    } catch (error) {
      refused = error instanceof Problem
      throw error
    } finally {
      if (!refused) this.#add(key, 1)
    }
  }

  /** @throws Problem `rate_limited` when the key has no attempt left. */
  want(key: string): void {
    const missing = 1 - this.#left(key)
    if (missing <= 0) return
    throw new Problem('rate_limited', 'Cannot check that: too many failed attempts', {
      headers: { 'retry-after': String(Math.ceil((missing * this.#refillMs) / 1000)) },
    })
  }

  failed(key: string): void {
    this.#add(key, -1)
  }

  #left(key: string): number {
    const bucket = this.#buckets.get(key)
    if (!bucket) return this.#capacity
    return Math.min(this.#capacity, bucket.left + (Date.now() - bucket.at) / this.#refillMs)
  }

  #add(key: string, count: number): void {
    this.#buckets.set(key, { left: Math.min(this.#capacity, this.#left(key) + count), at: Date.now() })
  }
}
