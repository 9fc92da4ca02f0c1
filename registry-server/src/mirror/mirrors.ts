import { join } from 'node:path'
import { Mirror, type MirrorState } from './mirror.ts'
import type { Upstream } from './upstream.ts'
import { HttpSource, noSource, type HttpSourceOptions } from './upstream-source.ts'
import type { UpstreamStore } from './upstream-store.ts'

/** How long another server's change of the upstreams may go unseen. */
const listedMs = 2_000

export interface MirrorsOptions extends HttpSourceOptions {
  readonly dataDir: string
  readonly upstreams: UpstreamStore
  readonly onRefused?: (error: Error) => void
}

/** The mirrors that a registry serves, as its upstreams are listed now. */
export class Mirrors {
  readonly #options: MirrorsOptions
  readonly #open = new Map<string, { readonly upstream: string; readonly mirror: Mirror }>()
  #listedAtMs = -Infinity

  constructor(options: MirrorsOptions) {
    this.#options = options
  }

  async find(name: string): Promise<Mirror | undefined> {
    if (performance.now() - this.#listedAtMs > listedMs) await this.#list()
    return this.#open.get(name)?.mirror
  }

  /** How it is with each, by name. */
  async states(): Promise<MirrorState[]> {
    await this.#list()
    return Promise.all([...this.#open.values()].map(({ mirror }) => mirror.state()))
  }

  async #list(): Promise<void> {
    const upstreams = await this.#options.upstreams.list()
    this.#listedAtMs = performance.now()
    for (const name of this.#open.keys()) if (!upstreams.some((each) => each.name === name)) this.#open.delete(name)
    for (const upstream of upstreams) {
      const text = JSON.stringify(upstream)
      if (this.#open.get(upstream.name)?.upstream !== text)
        this.#open.set(upstream.name, { upstream: text, mirror: this.#mirror(upstream) })
    }
  }

  #mirror(upstream: Upstream): Mirror {
    const { dataDir, upstreams, onRefused, ...http } = this.#options
    return new Mirror({
      upstream,
      source: upstream.url === null ? noSource : new HttpSource(upstream.url, http),
      dir: mirrorDir(dataDir, upstream.name),
      isLocal: (scope) => upstreams.isLocal(scope),
      ...(onRefused && { onRefused }),
    })
  }
}

/** What a mirror has verified. It is not in backups: it comes again from its upstream, or from the import. */
export function mirrorDir(dataDir: string, name: string): string {
  return join(dataDir, 'mirrors', name)
}
