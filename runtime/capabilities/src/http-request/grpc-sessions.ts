import { connect, type ClientHttp2Session } from 'node:http2'
import type { TlsOptions } from '@ingot/sdk'
import { LRUCache } from 'lru-cache'
import { guardedLookup } from './lookup.ts'
import type { Reach } from './policy.ts'
import { tlsSettings } from './tls.ts'

/** Origins that one instance keeps a session to; the least used is closed. */
const originsMax = 256
/** What a peer may send before it waits: per call and per session. Small windows cost a wake-up per 64 KiB. */
const streamWindowBytes = 4 * 2 ** 20
const sessionWindowBytes = 16 * 2 ** 20
/** Megabytes that nghttp2 may hold for one session: room for the windows above and for what waits to be sent. */
const sessionMemoryMax = 64
/** Listeners of concurrent calls on one session. */
const listenersMax = 10_000

export interface SessionOptions {
  readonly origin: string
  readonly tls: TlsOptions | undefined
  /** `undefined`: names are resolved without a check. */
  readonly reach: Reach | undefined
}

/** The HTTP/2 sessions of one instance. */
export class GrpcSessions {
  readonly #sessions = new LRUCache<string, ClientHttp2Session>({
    max: originsMax,
    dispose: (session) => session.close(),
  })

  /** A session that takes new calls: the one there is, or a new one when it has ended or is being ended by the peer. */
  get(options: SessionOptions): ClientHttp2Session {
    const key = sessionKey(options)
    const found = this.#sessions.get(key)
    if (found && !found.closed && !found.destroyed) return found
    const made = open(options)
    const forget = () => {
      if (this.#sessions.peek(key) === made) this.#sessions.delete(key)
    }
    made.on('close', forget)
    made.on('goaway', forget)
    this.#sessions.set(key, made)
    return made
  }

  close(): void {
    for (const session of this.#sessions.values()) session.destroy()
    this.#sessions.clear()
  }
}

function sessionKey({ origin, tls, reach }: SessionOptions): string {
  if (!tls && !reach) return origin
  const key = tls?.key
  return JSON.stringify([
    origin,
    reach,
    tls ? { ...tls, key: typeof key === 'object' ? key.reveal() : key } : undefined,
  ])
}

function open({ origin, tls, reach }: SessionOptions): ClientHttp2Session {
  const session = connect(origin, {
    ...(origin.startsWith('https:') ? { ...tlsSettings(tls), ALPNProtocols: ['h2'] } : {}),
    ...(reach ? { lookup: guardedLookup(reach) } : {}),
    maxSessionMemory: sessionMemoryMax,
    settings: { enablePush: false, initialWindowSize: streamWindowBytes },
  })
  session.setMaxListeners(listenersMax)
  session.on('connect', () => session.setLocalWindowSize(sessionWindowBytes))
  // Calls learn of the failure through their streams; an idle session's failure is nobody's news.
  session.on('error', () => {})
  session.on('frameError', () => session.destroy())
  session.unref()
  return session
}
