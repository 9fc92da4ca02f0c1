import { mayRead } from '../../access/authorize.ts'
import type { Principal } from '../../access/principal.ts'
import { capabilityNames } from '../parts/capability-names.ts'
import type { Registry } from '../../registry.ts'
import { resolved } from './dependencies-page.ts'
import { readIndex, type ModuleView } from './read-module.ts'

/** Graphs can be large and are written by strangers: beyond this the page says that there is more. */
const nodesMax = 200
const depthMax = 8

export interface DependencyNode {
  readonly name: string
  readonly range: string
  /** What the range gets now; `undefined` where this registry has nothing for it. */
  readonly version: string | undefined
  readonly capabilities: readonly string[]
  readonly nodes: readonly DependencyNode[]
}

export interface DependencyTree {
  readonly nodes: readonly DependencyNode[]
  readonly cut: boolean
}

/** Dependencies, and theirs: each with the highest version that its range allows now. */
export async function readDependencies(
  registry: Registry,
  principal: Principal,
  { shown }: ModuleView,
): Promise<DependencyTree> {
  const indexes = new Map<string, ReturnType<typeof readIndex>>()
  // Of what the reader must not see it says what it says of what is not there.
  const read = async (name: string) =>
    (await mayRead(registry.meta.scopes, principal, { module: name })) ? readIndex(registry, name) : []
  let left = nodesMax
  let cut = false
  const indexOf = (name: string): ReturnType<typeof readIndex> => {
    const known = indexes.get(name) ?? read(name)
    indexes.set(name, known)
    return known
  }
  const below = async (deps: Readonly<Record<string, string>>, above: readonly string[]): Promise<DependencyNode[]> => {
    const nodes: DependencyNode[] = []
    for (const [name, range] of Object.entries(deps).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (left <= 0 || above.length >= depthMax) {
        cut = true
        break
      }
      left--
      const lines = await indexOf(name)
      const version = resolved(range, lines)
      const line = lines.find(({ v }) => v === version)
      const inner = line && !above.includes(name) ? await below(line.deps, [...above, name]) : []
      nodes.push({ name, range, version, capabilities: capabilityNames(line?.caps.summary ?? []), nodes: inner })
    }
    return nodes
  }
  return { nodes: await below(shown.manifest.dependencies, []), cut }
}
