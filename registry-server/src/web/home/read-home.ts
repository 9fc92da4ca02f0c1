import { searchParameters, type IndexLine, type SearchItem } from '@ingot/manifest'
import { mayRead } from '../../access/authorize.ts'
import { anonymous } from '../../access/principal.ts'
import type { Registry } from '../../registry.ts'
import { readIndex } from '../module/read-module.ts'

/** Events that are looked through for what is new, and modules whose indexes are. */
const eventsMax = 300
const modulesMax = 100
const shownMax = 6

export interface CapabilityChange {
  readonly name: string
  readonly line: IndexLine
}

export interface HomeContent {
  readonly moduleCount: number
  readonly logSize: number
  readonly newest: readonly SearchItem[]
  readonly capabilityChanges: readonly CapabilityChange[]
}

/** What the home page shows; read again when something has changed. */
export class HomeReader {
  readonly #registry: Registry
  #last: { readonly size: number; readonly content: Promise<HomeContent> } | undefined

  constructor(registry: Registry) {
    this.#registry = registry
  }

  async read(): Promise<HomeContent> {
    const size = await this.#registry.meta.log.size()
    if (this.#last?.size === size) return this.#last.content
    const content = readHome(this.#registry, size)
    this.#last = { size, content }
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
  return { moduleCount: total, logSize, newest: items, capabilityChanges }
}
