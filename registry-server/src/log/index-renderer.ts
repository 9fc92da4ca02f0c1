import { createHash } from 'node:crypto'
import { canonicalJson, indexPayloadType, signEnvelope, type DsseEnvelope } from '@ingot/trust'
import { LRUCache } from 'lru-cache'
import type { Registry } from '../registry.ts'
import { projectIndex } from './project-index.ts'

/** Rendered indexes kept in memory, all together. */
const renderedBytesMax = 64 * 2 ** 20
/** How long a client may believe that an index is the current one (registry.md §2.1). */
const signatureMs = 24 * 3_600_000
/** Renewed long before its end, so that nobody is handed one that is about to end. */
const renewedBeforeMs = signatureMs / 2

interface Rendered {
  /** The index of the module's last event. */
  readonly last: number
  readonly text: string
  readonly sha256: string
  readonly etag: string
  signature?: { readonly envelope: DsseEnvelope; readonly expiresAt: number }
}

/** Indexes and their signatures, rendered when they are asked for and something has changed. */
export class IndexRenderer {
  readonly #registry: Pick<Registry, 'meta' | 'keys'>
  readonly #cache = new LRUCache<string, Rendered>({
    maxSize: renderedBytesMax,
    sizeCalculation: ({ text }) => text.length + 1_000,
  })

  constructor(registry: Pick<Registry, 'meta' | 'keys'>) {
    this.#registry = registry
  }

  /** `undefined` when nothing of the module has ever been logged. */
  async index(module: string): Promise<Rendered | undefined> {
    const { log } = this.#registry.meta
    const last = await log.lastOf(module)
    if (last === undefined) return undefined
    const known = this.#cache.get(module)
    if (known?.last === last) return known
    const leaves = await log.eventsOf(module)
    const text = projectIndex(module, leaves)
    const sha256 = createHash('sha256').update(text).digest('hex')
    const rendered = { last: leaves.at(-1)!.index, text, sha256, etag: `"${sha256}"` }
    this.#cache.set(module, rendered)
    return rendered
  }

  /** A statement of the index that is good for a day from now, or at least for half of it. */
  async signature(module: string, now: Date): Promise<DsseEnvelope | undefined> {
    const rendered = await this.index(module)
    if (!rendered) return undefined
    const { signature } = rendered
    if (signature && signature.expiresAt - now.getTime() > renewedBeforeMs) return signature.envelope
    const expiresAt = now.getTime() + signatureMs
    const statement = {
      path: `/index/${module}.ndjson`,
      sha256: rendered.sha256,
      size: Buffer.byteLength(rendered.text),
      logSize: rendered.last + 1,
      issuedAt: now.toISOString(),
      expiresAt: new Date(expiresAt).toISOString(),
    }
    const envelope = signEnvelope(indexPayloadType, Buffer.from(canonicalJson(statement)), [this.#registry.keys.index])
    rendered.signature = { envelope, expiresAt }
    return envelope
  }
}
