import { createEnv, MetricsRegistry } from '@ingot/capabilities'
import { ConfiguredHttpClient, httpClientShape, proxyVariables } from '@ingot/kits'
import { type CachedContent, ContentCache } from '@ingot/loader'
import type { LockedSource } from '@ingot/manifest'
import type { Capability, Env } from '@ingot/sdk'
import { decodeSource } from '@ingot/syntax'
import { z } from 'zod'
import type { ConfigBlock } from '../config-blocks.ts'
import type { RemoteContent, RemoteSource } from './remote-source.ts'

/** As much as one configuration file may have. */
const contentBytesMax = 16 * 2 ** 20

export interface HttpSourceOptions {
  readonly value: ConfigBlock<'import.http'>
  readonly cacheDir: string
}

/** What an `import.http` block names. */
export class HttpSource implements RemoteSource {
  readonly address: string
  readonly #value: ConfigBlock<'import.http'>
  readonly #cache: ContentCache
  #opened: ReturnType<typeof openClient> | undefined

  constructor({ value, cacheDir }: HttpSourceOptions) {
    this.#value = value
    this.#cache = new ContentCache(cacheDir)
    const url = new URL(value.url)
    this.address = url.origin + url.pathname
  }

  async fetch(signal: AbortSignal): Promise<RemoteContent> {
    const { url, method, headers, body, poll_timeout: timeoutMs } = this.#value
    this.#opened ??= openClient(this.#value)
    const { client } = await this.#opened
    const response = await client.request({
      url,
      method,
      headers,
      timeoutMs,
      bodyBytesMax: contentBytesMax,
      signal,
      ...(body !== undefined && { body: Buffer.from(body) }),
    })
    if (response.status < 200 || response.status > 299)
      throw new Error(`the server answered with status ${response.status}, want 200`)
    return this.#content(await this.#cache.put(url, response.body))
  }

  async kept(pinned?: LockedSource): Promise<RemoteContent | undefined> {
    const found = pinned ? await this.#cache.pinned(pinned.integrity) : await this.#cache.last(this.#value.url)
    return found && this.#content(found)
  }

  /** Content without a pin is not for a collector to start from. */
  async remembered(): Promise<undefined> {}

  async place(): Promise<void> {}

  async keep({ found }: RemoteContent): Promise<void> {
    await this.#cache.pin(this.#value.url, found.integrity)
  }

  async close(): Promise<void> {
    await (await this.#opened)?.close()
  }

  #content({ bytes, integrity }: CachedContent): RemoteContent {
    return {
      texts: [{ name: this.address, ...decodeSource(this.address, bytes) }],
      modulePath: this.address.slice(0, this.address.lastIndexOf('/') + 1),
      found: { kind: 'http', url: this.address, integrity },
    }
  }
}

const clientSchema = z.strictObject(httpClientShape)

/** The HTTP client of components, with what the `client` block says. */
async function openClient({ client }: ConfigBlock<'import.http'>) {
  const why = 'Loads what an import.http block names.'
  const capabilities: Partial<Record<Capability, readonly (typeof proxyVariables)[]>> = {
    'http.request': [{ why }],
    'fs.read': [{ why }],
    'env.read': [proxyVariables],
    clock: [{ why }],
  }
  const { env, close } = await createEnv({
    id: 'import.http',
    capabilities,
    args: { value: {}, outputs: [], secrets: [] },
    dataDir: '',
    lane: { index: 0, count: 1 },
    services: {
      log: () => undefined,
      metrics: new MetricsRegistry().scope({}).metrics,
      internal: { address: '', basePath: '' },
      mount: () => undefined,
      requestInternal: () => Promise.reject(new Error('imports have no internal address')),
      selfMetrics: () => Promise.resolve(new Uint8Array()),
    },
    trusted: true,
  })
  const { http, fs, clock, vars } = env as Env<'http.request' | 'fs.read' | 'clock' | 'env.read'>
  return { client: new ConfiguredHttpClient(client ?? clientSchema.parse({}), { http, fs, clock, vars }), close }
}
