import type { ConfiguredHttpClient } from '@ingot/kits'
import { isCapabilityError, type Clock, type Codec } from '@ingot/sdk'
import type { ScrapeArguments } from './arguments.ts'
import { acceptHeader, formatOf } from './negotiation.ts'
import type { Target } from './target.ts'
import type { TargetSeries } from './target-series.ts'

/** Bound of a response where body_size_limit sets none. */
const bodyBytesMax = 1 << 30

export interface ScrapeEnv {
  readonly client: ConfiguredHttpClient
  readonly codec: Codec
  readonly clock: Clock
}

/** Scrapes the target once, into the parser of `series`. @returns the uncompressed size. @throws Error when anything is wrong: then the parser holds nothing. */
export async function scrapeTarget(
  target: Target,
  series: TargetSeries,
  args: ScrapeArguments,
  env: ScrapeEnv,
  signal: AbortSignal,
): Promise<number> {
  const exchange = new Exchange(series, args)
  const abort = new AbortController()
  const onStop = () => abort.abort()
  signal.addEventListener('abort', onStop, { once: true })
  try {
    const response = await env.client.request({
      method: 'GET',
      url: target.url,
      headers: {
        accept: acceptHeader(args),
        'accept-encoding': args.enable_compression ? 'gzip' : 'identity',
        'user-agent': 'Ingot/0.1.0',
        'x-prometheus-scrape-timeout-seconds': String(target.timeoutMs / 1000),
      },
      timeoutMs: target.timeoutMs,
      bodyBytesMax: args.body_size_limit || bodyBytesMax,
      signal: abort.signal,
      onData: (piece, head) => {
        exchange.take(piece, head.headers)
        if (exchange.problem) abort.abort()
      },
    })
    if (exchange.problem) throw exchange.problem
    if (response.status !== 200) throw new Error(`server returned HTTP status ${response.status}`)
    // A response of no bytes never came by.
    exchange.take(new Uint8Array(), response.headers)
    await exchange.finish(env.codec)
    return exchange.bytes
  } catch (error) {
    series.parser.abort()
    throw exchange.problem ?? explained(error, args)
  } finally {
    signal.removeEventListener('abort', onStop)
  }
}

/** One response: decides the format by its head, and feeds the parser. */
class Exchange {
  problem: Error | undefined
  /** Uncompressed. */
  bytes = 0
  readonly #series: TargetSeries
  readonly #args: ScrapeArguments
  #begun = false
  /** Compressed pieces: they are only valid while they are handed over. */
  #packed: Uint8Array[] | undefined

  constructor(series: TargetSeries, args: ScrapeArguments) {
    this.#series = series
    this.#args = args
  }

  take(piece: Uint8Array, headers: Readonly<Record<string, string>>): void {
    if (this.problem) return
    try {
      if (!this.#begun) this.#begin(headers)
      if (this.#packed) this.#packed.push(piece.slice())
      else this.#parse(piece)
    } catch (error) {
      this.problem = error as Error
    }
  }

  async finish(codec: Codec): Promise<void> {
    if (this.problem) throw this.problem
    if (this.#packed) {
      const limit = this.#args.body_size_limit || bodyBytesMax
      this.#parse(await codec.gunzip(concatenated(this.#packed), limit))
    }
    this.#series.parser.end()
    this.#checkSamples()
  }

  #begin(headers: Readonly<Record<string, string>>): void {
    this.#begun = true
    this.#series.begin(
      formatOf(headers['content-type'], this.#args.scrape_fallback_protocol),
      this.#args.honor_timestamps,
    )
    const encoding = (headers['content-encoding'] ?? 'identity').trim().toLowerCase()
    if (encoding === 'gzip' || encoding === 'x-gzip') this.#packed = []
    else if (encoding !== 'identity' && encoding !== '')
      throw new Error(`server used the content encoding "${encoding}", want gzip or identity`)
  }

  #parse(piece: Uint8Array): void {
    this.bytes += piece.length
    this.#series.parser.push(piece)
    this.#checkSamples()
  }

  #checkSamples(): void {
    const limit = this.#args.sample_limit
    if (limit > 0 && this.#series.parser.samples.count > limit) throw new Error('sample limit exceeded')
  }
}

function concatenated(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}

function explained(error: unknown, args: ScrapeArguments): Error {
  if (isCapabilityError(error, 'too_large') && args.body_size_limit) return new Error('body size limit exceeded')
  return error instanceof Error ? error : new Error(String(error))
}
