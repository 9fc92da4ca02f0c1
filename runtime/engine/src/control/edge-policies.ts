import { mentionsKind } from '@ingot/check'
import type { ComponentManifest } from '@ingot/manifest'
import type { ArgumentsFrame } from '@ingot/sdk/host'
import { receiverKey } from '../lane/output-wiring.ts'
import { defaultEdgePolicy, type EdgePolicy } from '../link/edge-policy.ts'
import type { ConfigBlock } from './config-blocks.ts'

type EdgeSettings = NonNullable<ConfigBlock<'ingot'>['edge']>

type ManifestOf = (component: string) => ComponentManifest | undefined

/**
 * The policy of every edge of a component. Without a setting an edge blocks; only the edges to sinks in
 * `company` spill, so that one dead destination stalls no other.
 */
export function edgePolicies(
  frame: ArgumentsFrame,
  settings: EdgeSettings | undefined,
  company: ReadonlySet<string>,
): Readonly<Record<string, EdgePolicy>> {
  const memoryBytes = settings?.memory ?? defaultEdgePolicy.memoryBytes
  const diskBytes = settings?.disk ?? defaultEdgePolicy.diskBytes
  const policies: Record<string, EdgePolicy> = {}
  for (const { receivers } of frame.outputs) {
    for (const receiver of receivers) {
      const policy = settings?.policy ?? (company.has(receiver.component) ? 'spill' : 'block')
      policies[receiverKey(receiver)] = { policy, memoryBytes, diskBytes }
    }
  }
  return policies
}

/**
 * The sinks that get records of a component that also reach another sink, however far downstream, and that have no
 * durable queue of their own. The graph has no cycles.
 */
export function sinksInCompany(
  frames: ReadonlyMap<string, ArgumentsFrame>,
  manifestOf: ManifestOf,
): ReadonlySet<string> {
  const reached = new Map<string, ReadonlySet<string>>()
  const sinksOf = (id: string): ReadonlySet<string> => {
    const known = reached.get(id)
    if (known) return known
    const sinks = new Set<string>()
    reached.set(id, sinks)
    for (const { receivers } of frames.get(id)?.outputs ?? []) {
      for (const { component } of receivers) {
        const manifest = manifestOf(component)
        if (manifest && isSink(manifest)) sinks.add(component)
        else for (const sink of sinksOf(component)) sinks.add(sink)
      }
    }
    return sinks
  }
  const crowds = [...frames.keys()].map(sinksOf).filter((sinks) => sinks.size > 1)
  const company = new Set(crowds.flatMap((sinks) => [...sinks]))
  return new Set([...company].filter((sink) => manifestOf(sink)?.settles !== 'when durable'))
}

/** A component that sends to no other: none of its arguments lists receivers. */
function isSink(manifest: ComponentManifest): boolean {
  return !mentionsKind(manifest.arguments, 'receivers')
}
