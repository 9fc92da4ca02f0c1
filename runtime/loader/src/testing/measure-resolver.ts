import type { IndexLine, Lockfile } from '@ingot/manifest'
import { matchLock } from '../lock/match-lock.ts'
import { defaultPolicy } from '../resolve/resolution-policy.ts'
import { resolveGraph } from '../resolve/resolve-graph.ts'
import { indexLineOf } from './resolver-graphs.ts'

const modules = 500
const versionsEach = 20
/** Each module depends on this many of those after it. */
const dependenciesEach = 3
const registry = { name: 'acme', url: 'https://registry.example', scopes: ['@acme'] }

export interface ResolverFigures {
  readonly modules: number
  /** Everything is pinned, and the indexes are at hand. */
  readonly resolveMs: number
  readonly frozenMs: number
}

/** Resolves a configuration that imports 500 modules that depend on each other, and checks it against its lock. The second run of each counts. */
export async function measureResolver(): Promise<ResolverFigures> {
  const names = Array.from({ length: modules }, (_, place) => `@acme/module${place}`)
  const indexes = new Map(
    names.map((name, place) => [name, indexOf(names.slice(place + 1, place + 1 + dependenciesEach * 5))]),
  )
  const locked = [{ version: '1.18.0', integrity: indexLineOf('1.18.0').integrity, capSummary: [] }]
  const context = { policy: defaultPolicy, locked, updating: false, advisories: [], now: new Date(), engine: '0.1.0' }
  const roots = names.map((module) => ({ module, range: '^1.0.0', chain: [`main.alloy#${module}`] }))
  const resolve = () =>
    resolveGraph({
      roots,
      index: async (module) => ({ tags: {}, lines: indexes.get(module)! }),
      context: () => context,
    })
  const lock = lockOf(names)
  const frozen = async () => {
    for (const module of names) {
      matchLock({ file: 'main.alloy', namespace: module, module, version: '^1.0.0' }, [registry], lock)
    }
  }
  return { modules, resolveMs: await secondRun(resolve), frozenMs: await secondRun(frozen) }
}

function indexOf(later: readonly string[]): IndexLine[] {
  const deps = Object.fromEntries(later.filter((_, place) => place % 5 === 0).map((name) => [name, '^1.2.0']))
  return Array.from({ length: versionsEach }, (_, minor) => indexLineOf(`1.${minor}.0`, { deps }))
}

function lockOf(names: readonly string[]): Lockfile {
  const { integrity } = indexLineOf('1.18.0')
  const entry = { from: 'acme', range: '^1.0.0', integrity, manifest: integrity, caps: integrity, capSummary: [] }
  return {
    lockfileVersion: 1,
    registries: { acme: { url: registry.url } },
    imports: Object.fromEntries(names.map((name) => [`main.alloy#${name}`, `${name}@1.18.0`])),
    modules: Object.fromEntries(names.map((name) => [`${name}@1.18.0`, entry])),
  }
}

async function secondRun(run: () => Promise<unknown>): Promise<number> {
  await run()
  const start = performance.now()
  await run()
  return performance.now() - start
}
