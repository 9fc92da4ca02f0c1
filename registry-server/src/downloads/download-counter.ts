import { createHash, randomBytes } from 'node:crypto'
import type { DownloadClass, DownloadCount, DownloadStore } from '../storage/meta/download-store.ts'

/** What was counted and is not written yet is lost with the process: that is little. */
const flushMs = 10_000
/** Pairs of a version and somebody that are remembered within an hour; beyond them everybody counts. */
const seenMax = 200_000
/** Numbers that wait to be written. */
const waitingMax = 20_000
const hourDigits = '2026-11-02T10'.length

/**
 * Counts downloads: who fetches one version several times within an hour counts once. Addresses are cut to their network
 * and hashed with a salt that is never written down and changes every hour.
 */
export class DownloadCounter {
  readonly #store: DownloadStore
  readonly #waiting = new Map<string, DownloadCount>()
  readonly #seen = new Set<string>()
  #salt = randomBytes(16)
  #hour = ''
  #timer: NodeJS.Timeout | undefined

  constructor(store: DownloadStore) {
    this.#store = store
  }

  start(): void {
    this.#timer = setInterval(() => void this.flush(), flushMs).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }

  add(logIndex: number, { ip, userAgent, now }: { ip: string; userAgent: string | undefined; now: Date }): void {
    const hour = now.toISOString().slice(0, hourDigits)
    if (hour !== this.#hour) {
      this.#hour = hour
      this.#salt = randomBytes(16)
      this.#seen.clear()
    }
    const who = createHash('sha256').update(this.#salt).update(networkOf(ip)).digest('base64url').slice(0, 16)
    const pair = `${logIndex} ${who}`
    if (this.#seen.has(pair)) return
    if (this.#seen.size < seenMax) this.#seen.add(pair)
    const kind = classOf(userAgent)
    const key = `${logIndex} ${hour} ${kind}`
    const before = this.#waiting.get(key)
    if (!before && this.#waiting.size >= waitingMax) return
    this.#waiting.set(key, { logIndex, hour, class: kind, count: (before?.count ?? 0) + 1 })
  }

  /** Writes what was counted; while the database is away it is kept. Never rejects: a number is not worth an error. */
  async flush(): Promise<void> {
    const counts = [...this.#waiting.values()]
    if (counts.length === 0) return
    this.#waiting.clear()
    try {
      await this.#store.add(counts)
    } catch {
      for (const count of counts) {
        const key = `${count.logIndex} ${count.hour} ${count.class}`
        const since = this.#waiting.get(key)?.count ?? 0
        if (this.#waiting.size < waitingMax) this.#waiting.set(key, { ...count, count: count.count + since })
      }
    }
  }
}

/** As programs call themselves (`ingot-mirror`, `ingot (ci)`). */
function classOf(userAgent = ''): DownloadClass {
  if (/\bmirror\b/i.test(userAgent)) return 'mirror'
  return /\bci\b/i.test(userAgent) ? 'ci' : 'direct'
}

/** /24 of IPv4, /48 of IPv6: a network, not a machine. */
function networkOf(ip: string): string {
  const mapped = /^(?:::ffff:)?(\d+\.\d+\.\d+)\.\d+$/i.exec(ip)
  if (mapped) return mapped[1]!
  return ip.split(':').slice(0, 3).join(':')
}
