import { Backoff, ConfiguredHttpClient, retryAfterMs } from '@ingot/kits'
import type { Env, HttpResponse } from '@ingot/sdk'
import type { EndpointArguments } from './arguments.ts'

export type WriteCapability = 'http.request' | 'fs.read' | 'env.read' | 'state' | 'clock' | 'random'

/** Loki answers with a line of text; more of it is not read. */
const answerBytesMax = 64 * 1024
const answerCharsMax = 1024

export type SendResult =
  | { readonly status: 'sent' }
  | { readonly status: 'dropped'; readonly reason: string; readonly message: string }
  | { readonly status: 'stopped' }

/** Makes one push request after the other until the endpoint takes it or it is given up. */
export class Sender {
  readonly #args: EndpointArguments
  readonly #env: Env<WriteCapability>
  readonly #client: ConfiguredHttpClient
  readonly #onRetry: (tenant: string, why: string) => void
  readonly #headers: Record<string, string>

  constructor(args: EndpointArguments, env: Env<WriteCapability>, onRetry: (tenant: string, why: string) => void) {
    this.#args = args
    this.#env = env
    this.#onRetry = onRetry
    this.#client = new ConfiguredHttpClient(args, env)
    const given = Object.entries(args.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
    this.#headers = { 'user-agent': 'ingot', ...Object.fromEntries(given), 'content-type': 'application/x-protobuf' }
  }

  /** @param signal ends attempts and waits: the component stops and its time is over */
  async send(body: Uint8Array, tenant: string, signal: AbortSignal): Promise<SendResult> {
    const { min_backoff_period: minMs, max_backoff_period: maxMs, max_backoff_retries: attemptsMax } = this.#args
    const backoff = new Backoff({ minMs, maxMs, random: this.#env.random })
    for (;;) {
      const answer = await this.#attempt(body, tenant, signal)
      if (answer.status >= 200 && answer.status < 300) return { status: 'sent' }
      if (signal.aborted) return { status: 'stopped' }
      const reason = answer.status === 429 ? 'rate_limited' : 'ingester_error'
      if (!this.#retryable(answer.status)) return { status: 'dropped', reason, message: answer.message }
      const waitMs = backoff.next(answer.retryAfterMs)
      if (attemptsMax > 0 && backoff.failures >= attemptsMax)
        return { status: 'dropped', reason, message: answer.message }
      this.#onRetry(tenant, answer.message)
      await this.#env.clock.sleep(waitMs, { signal }).catch(() => undefined)
      if (signal.aborted) return { status: 'stopped' }
    }
  }

  async #attempt(body: Uint8Array, tenant: string, signal: AbortSignal) {
    try {
      const response = await this.#client.request({
        method: 'POST',
        url: this.#args.url,
        headers: tenant === '' ? this.#headers : { ...this.#headers, 'x-scope-orgid': tenant },
        body,
        timeoutMs: this.#args.remote_timeout,
        bodyBytesMax: answerBytesMax,
        signal,
      })
      const { status } = response
      const ok = status >= 200 && status < 300
      const message = ok ? '' : `server answered ${status}: ${this.#answerText(response)}`
      return { status, message, retryAfterMs: retryAfterMs(response.headers['retry-after'], this.#env.clock.now()) }
    } catch (error) {
      return { status: 0, message: error instanceof Error ? error.message : String(error), retryAfterMs: undefined }
    }
  }

  #answerText(response: HttpResponse): string {
    const text = this.#env.text.decode(response.body).trim()
    return this.#client.shown(text, this.#args.url).slice(0, answerCharsMax)
  }

  #retryable(status: number): boolean {
    if (status === 429) return this.#args.retry_on_http_429
    return status === 0 || status >= 500
  }
}
