import type { IndexLine } from '@ingot/manifest'
import { major, minor, rcompare, satisfies } from 'semver'
import { LoaderError } from '../loader-error.ts'
import type { Requirement } from '../resolve/requirement.ts'
import { defaultPolicy } from '../resolve/resolution-policy.ts'
import { resolveGraph } from '../resolve/resolve-graph.ts'

/** A graph of modules, small enough that every selection of versions can be tried. */
export interface RandomGraph {
  readonly roots: readonly Requirement[]
  readonly modules: ReadonlyMap<string, readonly IndexLine[]>
  readonly locked: ReadonlyMap<string, readonly string[]>
}

const now = new Date('2026-11-01T00:00:00Z')
const ranges = [
  '^1.0.0',
  '~1.0.0',
  '1.0.0',
  '1.1.0',
  '^1.1.0',
  '>=1.0.0',
  '^2.0.0',
  '<2.0.0',
  '2.0.0',
  '^0.1.0',
  '^1.0.0-rc.1',
]
const versions = ['0.1.0', '0.2.0', '1.0.0', '1.1.0', '1.2.0-rc.1', '1.2.0', '2.0.0', '2.1.0']

/** Dependencies lead from earlier names to later ones, so that there is no cycle. */
export function randomGraph(chance: () => number): RandomGraph {
  const below = (bound: number): number => Math.floor(chance() * bound)
  const pick = <T>(items: readonly T[]): T => items[below(items.length)]!
  const names = Array.from({ length: 1 + below(4) }, (_, place) => `@acme/m${place}`)
  const modules = new Map<string, IndexLine[]>()
  const locked = new Map<string, string[]>()
  for (const [place, name] of names.entries()) {
    const some = versions.filter(() => chance() < 0.4)
    const later = names.slice(place + 1)
    const lines = some.map((version) => {
      const deps = Object.fromEntries(later.filter(() => chance() < 0.4).map((other) => [other, pick(ranges)]))
      return randomLine(version, deps, chance)
    })
    modules.set(name, lines)
    if (lines.length > 0 && chance() < 0.4) locked.set(name, [pick(lines).v])
  }
  const roots = Array.from({ length: 1 + below(3) }, (_, place) => {
    return { module: pick(names), range: pick(ranges), chain: [`main.alloy#import${place}`] }
  })
  return { roots, modules, locked }
}

function randomLine(version: string, deps: Record<string, string>, chance: () => number): IndexLine {
  const hours = chance() < 0.2 ? 10 : 100 + Math.floor(chance() * 1000)
  return indexLineOf(version, {
    deps,
    published: new Date(now.getTime() - hours * 3_600_000).toISOString(),
    trust: chance() < 0.8 ? 2 : 0,
    status: chance() < 0.85 ? 'active' : 'yanked',
  })
}

/** An index line whose bytes are named after its version. */
export function indexLineOf(version: string, more: Partial<IndexLine> = {}): IndexLine {
  const integrity = `sha512-${Buffer.from(version).toString('base64')}`
  return {
    v: version,
    integrity,
    size: 1,
    manifest: integrity,
    deps: {},
    api: 1,
    components: [],
    caps: { digest: integrity, summary: [], delta: null },
    published: '2026-06-01T00:00:00.000Z',
    trust: 2,
    publisher: 'token:test',
    log: 0,
    status: 'active',
    ...more,
  }
}

/** What the resolver answers: `module@version` of each one, sorted; `undefined` when it finds no answer. */
export async function resolved({ roots, modules, locked }: RandomGraph): Promise<string[] | undefined> {
  try {
    const found = await resolveGraph({
      roots,
      index: async (module) => ({ tags: {}, lines: modules.get(module)! }),
      context: (module) => ({
        policy: defaultPolicy,
        locked: (locked.get(module) ?? []).map((version) => {
          return { version, integrity: indexLineOf(version).integrity, capSummary: [] }
        }),
        updating: false,
        advisories: [],
        now,
        engine: '0.1.0',
      }),
    })
    return found.modules.map(({ module, line }) => `${module}@${line.v}`).sort()
  } catch (error) {
    if (error instanceof LoaderError && /^version-(?:not-found|conflict)$/.test(error.code)) return undefined
    throw error
  }
}

/**
 * The same by trying every selection of at most one version in each release line: of those with which every wish is met,
 * the one that gives the first wish its best version, then the second, and so on.
 */
export function bruteForce(graph: RandomGraph): string[] | undefined {
  const ranked = new Map([...graph.modules].map(([name, lines]) => [name, rankedVersions(graph, name, lines)]))
  let best: { readonly ranks: readonly number[]; readonly selected: string[] } | undefined
  for (const selection of selections(ranked)) {
    const walked = walk(graph, ranked, selection)
    if (walked && (!best || isBefore(walked.ranks, best.ranks))) best = walked
  }
  return best?.selected
}

function rankedVersions(graph: RandomGraph, name: string, lines: readonly IndexLine[]): readonly IndexLine[] {
  const isLocked = (line: IndexLine): boolean => (graph.locked.get(name) ?? []).includes(line.v)
  const isEligible = (line: IndexLine): boolean => {
    if (isLocked(line)) return true
    const isOld = now.getTime() - Date.parse(line.published) >= 72 * 3_600_000
    const isDowngrade = lines.some(
      (other) =>
        major(other.v) === major(line.v) &&
        other.trust > line.trust &&
        Date.parse(other.published) < Date.parse(line.published),
    )
    return line.status === 'active' && isOld && !isDowngrade
  }
  return lines.filter(isEligible).sort((a, b) => Number(isLocked(b)) - Number(isLocked(a)) || rcompare(a.v, b.v))
}

type Selection = ReadonlyMap<string, readonly IndexLine[]>

function* selections(ranked: ReadonlyMap<string, readonly IndexLine[]>): Generator<Selection> {
  const places = [...ranked].flatMap(([name, lines]) =>
    [...Map.groupBy(lines, ({ v }) => (major(v) > 0 ? major(v) : minor(v) / 1000)).values()].map((group) => {
      return { name, options: [undefined, ...group] }
    }),
  )
  const total = places.reduce((count, { options }) => count * options.length, 1)
  for (let number = 0; number < total; number++) {
    const selection = new Map<string, IndexLine[]>([...ranked.keys()].map((name) => [name, []]))
    let rest = number
    for (const { name, options } of places) {
      const option = options[rest % options.length]
      rest = Math.floor(rest / options.length)
      if (option) selection.get(name)!.push(option)
    }
    yield selection
  }
}

/** Meets every wish from a selection, each by the best version in it; `undefined` when one cannot be met. */
function walk(
  { roots }: RandomGraph,
  ranked: ReadonlyMap<string, readonly IndexLine[]>,
  selection: Selection,
): { ranks: number[]; selected: string[] } | undefined {
  const wishes = roots.map(({ module, range }) => ({ module, range }))
  const seen = new Set<string>()
  const ranks: number[] = []
  for (const { module, range } of wishes) {
    const suitable = ranked.get(module)!.filter(({ v }) => satisfies(v, range))
    const rank = suitable.findIndex((line) => selection.get(module)!.includes(line))
    if (rank < 0) return undefined
    ranks.push(rank)
    const line = suitable[rank]!
    if (seen.has(`${module}@${line.v}`)) continue
    seen.add(`${module}@${line.v}`)
    const names = Object.keys(line.deps).sort()
    wishes.push(...names.map((name) => ({ module: name, range: line.deps[name]! })))
  }
  return { ranks, selected: [...seen].sort() }
}

function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const place = a.findIndex((rank, index) => rank !== b[index])
  return place >= 0 && a[place]! < (b[place] ?? -1)
}
