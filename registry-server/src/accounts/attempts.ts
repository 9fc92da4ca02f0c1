import { isIPv6 } from 'node:net'
import { Problem } from '../problem.ts'
import type { Bucket, BucketStore } from '../storage/meta/bucket-store.ts'

/**
 * How often something may fail: each key has a bucket of attempts that fills again with time, which all servers on one
 * database share. Nobody is locked out for long, so nobody can lock others out.
 */
export class Attempts {
  readonly #buckets: BucketStore
  readonly #name: string
  readonly #bucket: Bucket

  /** @param name what is tried: apart from everything else that counts by the same keys */
  constructor(buckets: BucketStore, name: string, bucket: Bucket) {
    this.#buckets = buckets
    this.#name = name
    this.#bucket = bucket
  }

  /** Runs `work` if the key has an attempt left; every refusal of it takes one. @throws Problem `rate_limited` */
  async count<T>(key: string, work: () => Promise<T>): Promise<T> {
    // Taken before it is known how it ends: guesses that run at once count too.
    await this.failed(key)
    let refused = false
    try {
      return await work()
    } catch (error) {
      refused = error instanceof Problem
      throw error
    } finally {
      if (!refused) await this.#buckets.giveBack(this.#key(key), this.#bucket, new Date())
    }
  }

  /** Takes an attempt. @throws Problem `rate_limited` when the key has none left. */
  async failed(key: string): Promise<void> {
    const { allowed, waitMs } = await this.#buckets.take(this.#key(key), this.#bucket, new Date())
    if (allowed) return
    throw new Problem('rate_limited', 'Cannot check that: too many failed attempts', {
      headers: { 'retry-after': String(Math.ceil(waitMs / 1000)) },
    })
  }

  #key(key: string): string {
    return `${this.#name} ${key}`
  }
}

/** Whose attempts are counted together: an address, and of IPv6 the /64 that one client has all of. */
export function addressKey(ip: string): string {
  if (!isIPv6(ip) || ip.startsWith('::ffff:')) return ip
  const [head = '', tail = ''] = ip.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0')
  const groups = ip.includes('::') ? [...before, ...zeros, ...after] : before
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`
}
