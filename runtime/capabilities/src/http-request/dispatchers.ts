import type { Secret, TlsOptions } from '@ingot/sdk'
import { LRUCache } from 'lru-cache'
import { Pool, ProxyAgent, type Dispatcher } from 'undici'
import { guardedLookup } from './lookup.ts'
import type { Reach } from './policy.ts'
import { readingConnector } from './reading-connector.ts'
import { tlsSettings } from './tls.ts'

/** Origins that one instance keeps connections to; the least used is closed. */
const originsMax = 1024
/** Connections to one origin at once; more requests wait. */
const connectionsPerOriginMax = 64
/** An idle connection is given up after this. Shorter than the five minutes of common load balancers. */
const idleMs = 60_000
const headerBytesMax = 64 * 1024
/** Establishing a connection, TLS included; a request's own timeout may be shorter. */
const connectTimeoutMs = 30_000

export interface DispatcherOptions {
  readonly origin: string
  readonly tls: TlsOptions | undefined
  readonly proxyUrl: string | undefined
  /** `undefined`: names are resolved without a check. */
  readonly reach: Reach | undefined
}

/** Connection pools of one instance, by origin and what else decides about a connection. */
export class Dispatchers {
  readonly #pools = new LRUCache<string, Dispatcher>({
    max: originsMax,
    dispose: (pool) => void pool.close().catch(() => {}),
  })

  get(options: DispatcherOptions): Dispatcher {
    const key = poolKey(options)
    const found = this.#pools.get(key)
    if (found) return found
    const made = makePool(options)
    this.#pools.set(key, made)
    return made
  }

  /** Ends all connections, running requests included. */
  async close(): Promise<void> {
    const pools = [...this.#pools.values()]
    await Promise.all(pools.map((pool) => pool.destroy()))
    this.#pools.clear()
  }
}

function poolKey({ origin, tls, proxyUrl, reach }: DispatcherOptions): string {
  if (!tls && !proxyUrl && !reach) return origin
  const key = tls?.key
  return JSON.stringify([
    origin,
    proxyUrl,
    reach,
    tls ? { ...tls, key: key === undefined ? undefined : revealed(key) } : undefined,
  ])
}

function revealed(value: Secret | string): string {
  return typeof value === 'string' ? value : value.reveal()
}

function makePool({ origin, tls, proxyUrl, reach }: DispatcherOptions): Dispatcher {
  const lookup = reach ? { lookup: guardedLookup(reach) } : {}
  const shared = {
    connections: connectionsPerOriginMax,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: idleMs,
    maxHeaderSize: headerBytesMax,
    // One timer per request bounds the whole exchange; undici's own would only cost.
    headersTimeout: 0,
    bodyTimeout: 0,
  }
  const settings = tlsSettings(tls)
  if (proxyUrl) {
    const proxy = new URL(proxyUrl)
    const token =
      proxy.username === ''
        ? undefined
        : `Basic ${Buffer.from(`${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`).toString('base64')}`
    return new ProxyAgent({
      ...shared,
      uri: proxy.origin,
      ...(token ? { token } : {}),
      requestTls: { ...settings, allowH2: false },
      proxyTls: { ...lookup, allowH2: false },
    })
  }
  const connect = { ...settings, ...lookup, timeout: connectTimeoutMs, allowH2: false }
  const plain = origin.startsWith('http:')
  return new Pool(origin, { ...shared, connect: plain ? readingConnector({ connect, headerBytesMax }) : connect })
}
