import { searchParameters, type IndexLine, type SearchItem } from '@ingot/manifest'
import { mayRead } from '../../access/authorize.ts'
import { anonymous } from '../../access/principal.ts'
import type { Registry } from '../../registry.ts'
import type { ModuleDownloads } from '../../storage/meta/download-store.ts'
import { readIndex } from '../module/read-module.ts'

/** Events that are looked through for what is new, and modules whose indexes are. */
const eventsMax = 300
const modulesMax = 100
const shownMax = 6
/** Of what is most used, and the days that count. */
const mostUsedMax = 5
const mostUsedDays = 30
const countedMs = 5 * 60_000
const dayMs = 24 * 3_600_000

export interface CapabilityChange {
  readonly name: string
  readonly line: IndexLine
}

export interface HomeContent {
  readonly moduleCount: number
  readonly logSize: number
  readonly newest: readonly SearchItem[]
  readonly capabilityChanges: readonly CapabilityChange[]
  readonly mostUsed: readonly ModuleDownloads[]
}

/** What the home page shows; read again when something has changed, and after a while for what is counted. */
export class HomeReader {
  readonly #registry: Registry
  #last: { readonly size: number; readonly atMs: number; readonly content: Promise<HomeContent> } | undefined

  constructor(registry: Registry) {
    this.#registry = registry
  }

  async read(): Promise<HomeContent> {
    const size = await this.#registry.meta.log.size()
    const atMs = performance.now()
    if (this.#last?.size === size && atMs - this.#last.atMs < countedMs) return this.#last.content
    const content = readHome(this.#registry, size)
    this.#last = { size, atMs, content }
    content.catch(() => (this.#last = undefined))
    return content
  }
}

async function readHome(registry: Registry, logSize: number): Promise<HomeContent> {
  const { meta } = registry
  const events = await meta.log.latest(logSize, eventsMax)
  // The page is one for all: it shows what all may see.
  const named = [...new Set(events.flatMap(({ module }) => module ?? []))].slice(0, modulesMax)
  const open = await Promise.all(named.map((module) => mayRead(meta.scopes, anonymous, { module })))
  const names = named.filter((_, place) => open[place])
  const modules = await Promise.all(names.map(async (name) => ({ name, lines: await readIndex(registry, name) })))
  const capabilityChanges = modules
    .flatMap(({ name, lines }) => lines.map((line) => ({ name, line })))
    .filter(
      ({ line: { caps, status } }) =>
        status === 'active' && (caps.delta?.added.length ?? 0) + (caps.delta?.removed.length ?? 0) > 0,
    )
    .sort((a, b) => b.line.log - a.line.log)
    .slice(0, shownMax)
  const byAge = searchParameters.parse({ sort: 'updated', limit: shownMax })
  const { total, items } = await meta.search.search(byAge, { scopes: [] })
  const since = new Date(registry.clock().getTime() - mostUsedDays * dayMs).toISOString().slice(0, 10)
  const mostUsed = await meta.downloads.mostUsed(since, mostUsedMax)
  return { moduleCount: total, logSize, newest: items, capabilityChanges, mostUsed }
}
