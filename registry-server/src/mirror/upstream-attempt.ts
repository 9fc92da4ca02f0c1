import { claimedRoot, dsseEnvelope, RegistryTrust, type DsseEnvelope, type TrustMemory } from '@ingot/trust'
import type { TreeWriter } from '../export/tree-writer.ts'
import type { UpstreamSource } from './upstream-source.ts'

const documentBytesMax = 2 ** 20

/** One look at an upstream: what it sends is judged, and only as a whole taken over. */
export class UpstreamAttempt {
  readonly trust: RegistryTrust
  readonly #source: UpstreamSource
  readonly #seen = new Map<string, Uint8Array>()

  constructor(source: UpstreamSource, fingerprint: string, memory: TrustMemory) {
    this.#source = source
    this.trust = new RegistryTrust({
      fingerprint,
      memory,
      locked: undefined,
      sources: async () => ({
        discovery: { keys: 'keys', log: 'log' },
        rootAt: (path) => this.#envelope(path),
        get: this.get,
      }),
    })
  }

  readonly get = async (path: string, bytesMax: number): Promise<Uint8Array | undefined> => {
    const name = path.replace(/^\//, '')
    const bytes = await this.#source.get(name, bytesMax)
    if (bytes) this.#seen.set(name, bytes)
    return bytes
  }

  /** Writes what it has seen: what others refer to before what refers to it. */
  async keep(tree: TreeWriter): Promise<void> {
    const rank = (path: string): number =>
      ['log/tile/', 'keys/', 'm/', 'index/'].findIndex((start) => path.startsWith(start))
    const entries = [...this.#seen].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    for (const [path, bytes] of entries) {
      // The head of the log and the newest keys are served as they were remembered: nobody can set them back.
      if (path === 'log/checkpoint') continue
      const name = path === 'keys/root.json' ? `keys/${versionOf(bytes)}.root.json` : path
      await tree.write(name, bytes)
    }
  }

  async #envelope(path: string): Promise<DsseEnvelope | undefined> {
    const bytes = await this.get(path, documentBytesMax)
    return bytes && dsseEnvelope.parse(JSON.parse(Buffer.from(bytes).toString()))
  }
}

function versionOf(bytes: Uint8Array): number {
  return claimedRoot(dsseEnvelope.parse(JSON.parse(Buffer.from(bytes).toString()))).version
}
