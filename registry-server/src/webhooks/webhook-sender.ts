import { AddressRefused } from '../outbound/public-address.ts'
import { post, type OutboundOptions } from '../outbound/post.ts'
import type { Attempt, ClaimedDelivery, DeliveryStore } from '../storage/meta/delivery-store.ts'
import { signDelivery } from './sign-delivery.ts'

/** How late a delivery may begin. */
const pollMs = 1_000
/** Of one server: receivers that hang hold up few others. */
const sendingMax = 8
const failureCharactersMax = 300

/**
 * Tells webhooks what they are to be told. What was sent and not noted, because the server died, is sent again under the
 * same id: a receiver gets everything once or more.
 */
export class WebhookSender {
  readonly #deliveries: DeliveryStore
  readonly #clock: () => Date
  readonly #options: OutboundOptions
  readonly #sending = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> | undefined
  #stopped = false

  constructor(deliveries: DeliveryStore, clock: () => Date, options: OutboundOptions = {}) {
    this.#deliveries = deliveries
    this.#clock = clock
    this.#options = options
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => (this.#looking = undefined))
    }, pollMs).unref()
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    clearInterval(this.#timer)
    await this.#looking
    await Promise.all(this.#sending)
  }

  async #look(): Promise<void> {
    try {
      while (!this.#stopped && this.#sending.size < sendingMax) {
        const claimed = await this.#deliveries.claim(this.#clock())
        if (!claimed) return
        const sending = this.#send(claimed).finally(() => this.#sending.delete(sending))
        this.#sending.add(sending)
      }
    } catch {
      // The database is away: what is to be told is still there when it comes back.
    }
  }

  /** Never rejects: what could not be noted is sent again. */
  async #send(claimed: ClaimedDelivery): Promise<void> {
    const attempt = await attemptOf(claimed, this.#clock(), this.#options)
    await this.#deliveries.settle(claimed, attempt, this.#clock()).catch(() => undefined)
  }
}

async function attemptOf(
  { id, body, url, secrets }: ClaimedDelivery,
  at: Date,
  options: OutboundOptions,
): Promise<Attempt> {
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'ingot-registry',
    ...signDelivery({ id, body, at }, secrets),
  }
  try {
    const { status, response, retryAfter } = await post(url, { headers, body }, options)
    const delivered = status >= 200 && status < 300
    const failure = delivered ? null : failureOf(status)
    return { delivered, gone: status === 410, status, failure, response, retryAfterMs: patience(retryAfter) }
  } catch (error) {
    const { message, code } = error as { message: string; code?: string }
    const failure = error instanceof AddressRefused ? `its address is refused: ${message}` : message || code || 'failed'
    const told = failure.slice(0, failureCharactersMax)
    return { delivered: false, gone: false, status: null, failure: told, response: null, retryAfterMs: undefined }
  }
}

function failureOf(status: number): string {
  const redirect = status >= 300 && status < 400 ? '; redirects are not followed' : ''
  return `found status ${status}, want 2xx${redirect}`
}

/** Milliseconds of a `retry-after` (RFC 9110), in seconds or as a date. */
function patience(header: string | undefined): number | undefined {
  if (header === undefined) return undefined
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now()
  return Number.isFinite(ms) && ms > 0 ? ms : undefined
}
