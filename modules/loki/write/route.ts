import type { Clock } from '@ingot/sdk'
import type { LogsBatch, LogsPart } from '@ingot/telemetry'
import type { Delivery } from './delivery.ts'

/** Entries of an incoming batch that are part of a request. */
export interface RequestPart extends LogsPart {
  readonly delivery: Delivery
}

/** What one push request is made of. */
export interface PendingRequest {
  readonly tenant: string
  readonly parts: readonly RequestPart[]
  readonly entries: number
  readonly lineBytes: number
}

export interface RouteOptions {
  readonly tenant: string
  readonly bytesMax: number
  readonly waitMs: number
  readonly clock: Clock
  readonly send: (request: PendingRequest) => Promise<void>
}

/** Collects entries of one tenant (and shard) into requests, and has them sent one after the other: that keeps each stream's order. */
export class Route {
  readonly #options: RouteOptions
  #parts: RequestPart[] = []
  #entries = 0
  #lineBytes = 0
  #timer: AbortController | undefined
  #ready: PendingRequest[] = []
  #sending = false

  constructor(options: RouteOptions) {
    this.#options = options
  }

  add(batch: LogsBatch, delivery: Delivery): void {
    const { bytesMax } = this.#options
    const { starts, ends, count } = batch
    let from = 0
    for (let i = 0; i < count; i++) {
      const bytes = ends[i]! - starts[i]!
      if (this.#lineBytes + bytes > bytesMax && this.#entries > 0) {
        if (i > from) this.#parts.push({ batch, from, to: i, delivery })
        this.flush()
        from = i
      }
      this.#lineBytes += bytes
      this.#entries++
    }
    if (from < count) this.#parts.push({ batch, from, to: count, delivery })
    if (this.#lineBytes >= bytesMax) this.flush()
    else if (!this.#timer) this.#startTimer()
  }

  /** Makes what has been collected ready to be sent. */
  flush(): void {
    this.#timer?.abort()
    this.#timer = undefined
    if (this.#entries === 0) return
    this.#ready.push({
      tenant: this.#options.tenant,
      parts: this.#parts,
      entries: this.#entries,
      lineBytes: this.#lineBytes,
    })
    this.#parts = []
    this.#entries = 0
    this.#lineBytes = 0
    if (!this.#sending) void this.#sendAll()
  }

  async #sendAll(): Promise<void> {
    this.#sending = true
    for (let request = this.#ready.shift(); request; request = this.#ready.shift()) await this.#options.send(request)
    this.#sending = false
  }

  #startTimer(): void {
    const timer = new AbortController()
    this.#timer = timer
    const { clock, waitMs } = this.#options
    clock.sleep(waitMs, { signal: timer.signal }).then(
      () => this.flush(),
      () => undefined,
    )
  }
}
