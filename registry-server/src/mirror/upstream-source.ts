import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { readBounded } from '../answers/read-bounded.ts'
import { Gate } from '../publish/gate.ts'
import { breakerDefaults, CircuitBreaker, type BreakerBounds } from './circuit-breaker.ts'

/** One document, from the first byte of the request to the last of the answer: a server that trickles is one that fails. */
const documentTimeoutMs = 30_000
/** Requests to one upstream at once, and those that wait for them. */
const requests = { runningMax: 16, waitingMax: 256 }
/** Paths that an upstream does not have, and how long that is believed: an index may appear at any time. */
const absent = { max: 10_000, ttl: 60_000 }

/** Where a mirror's documents come from. */
export interface UpstreamSource {
  /** The bytes at a path; `undefined` when there are none. @throws UpstreamDown */
  get(path: string, bytesMax: number): Promise<Uint8Array | undefined>
  /** Whether nobody is asked for a while, because it has failed. */
  readonly paused?: boolean
}

/** An upstream that cannot be asked now. */
export class UpstreamDown extends Error {
  override readonly name = 'UpstreamDown'
}

export interface HttpSourceOptions {
  readonly breaker?: BreakerBounds
  readonly timeoutMs?: number
}

/** Reads from a registry over HTTP: bounded in bytes, time and number, and not at all for a while after it has failed. */
export class HttpSource implements UpstreamSource {
  readonly #url: string
  readonly #timeoutMs: number
  readonly #breaker: CircuitBreaker
  readonly #gate = new Gate(requests)
  readonly #absent = new LRUCache<string, true>(absent)

  constructor(url: string, { breaker = breakerDefaults, timeoutMs = documentTimeoutMs }: HttpSourceOptions = {}) {
    this.#url = url.endsWith('/') ? url : `${url}/`
    this.#timeoutMs = timeoutMs
    this.#breaker = new CircuitBreaker(breaker)
  }

  get paused(): boolean {
    return this.#breaker.open
  }

  async get(path: string, bytesMax: number): Promise<Uint8Array | undefined> {
    if (this.#absent.has(path)) return undefined
    if (this.#breaker.open) throw new UpstreamDown(`Cannot ask ${this.#url}: it has just failed`)
    if (this.#gate.full) throw new UpstreamDown(`Cannot ask ${this.#url}: too many requests are waiting for it`)
    const found = await this.#gate.run(() => this.#fetch(path, bytesMax))
    if (!found) this.#absent.set(path, true)
    return found
  }

  async #fetch(path: string, bytesMax: number): Promise<Uint8Array | undefined> {
    try {
      const signal = AbortSignal.timeout(this.#timeoutMs)
      const answer = await fetch(new URL(path, this.#url), {
        signal,
        redirect: 'error',
        headers: { 'user-agent': 'ingot-mirror' },
      })
      if (answer.status === 404) {
        await answer.body?.cancel()
        this.#breaker.succeeded()
        return undefined
      }
      if (answer.status !== 200) {
        await answer.body?.cancel()
        throw new Error(`found status ${answer.status}, want 200`)
      }
      const bytes = await readBounded(answer, bytesMax)
      this.#breaker.succeeded()
      return bytes
    } catch (error) {
      this.#breaker.failed()
      const { message, cause } = error as Error
      const why = cause instanceof Error ? `${message}: ${cause.message}` : message
      throw new UpstreamDown(`Cannot read "${path}" from ${this.#url}: ${why}`, { cause: error })
    }
  }
}

/** Reads from the folder of an export. */
export class FolderSource implements UpstreamSource {
  readonly #dir: string

  constructor(dir: string) {
    this.#dir = dir
  }

  async get(path: string, bytesMax: number): Promise<Uint8Array | undefined> {
    const file = join(this.#dir, path)
    const found = await stat(file).catch(() => undefined)
    if (!found?.isFile()) return undefined
    if (found.size > bytesMax)
      throw new Error(`Cannot read "${path}": found ${found.size} bytes, want at most ${bytesMax}`)
    return readFile(file)
  }
}

/** Of what was imported: nobody is asked. */
export const noSource: UpstreamSource = {
  get: async (path) => {
    throw new UpstreamDown(`Cannot ask for "${path}": the mirror was imported and has no upstream`)
  },
}
