import type { ComponentManifest, JsonSchema } from '@ingot/manifest'
import type { ArgumentsFrame } from '@ingot/sdk/host'
import { receiverKey } from '../lane/output-wiring.ts'
import { defaultEdgePolicy, type EdgePolicy } from '../link/edge-policy.ts'
import type { ConfigBlock } from './config-blocks.ts'

type EdgeSettings = NonNullable<ConfigBlock<'ingot'>['edge']>

/**
 * The policy of every edge of a component. Without a setting an edge blocks, but where an output feeds several receivers
 * the edges to sinks spill, so that one dead destination stalls no other; a sink with a durable queue of its own needs none.
 */
export function edgePolicies(
  frame: ArgumentsFrame,
  settings: EdgeSettings | undefined,
  manifestOf: (component: string) => ComponentManifest | undefined,
): Readonly<Record<string, EdgePolicy>> {
  const memoryBytes = settings?.memory ?? defaultEdgePolicy.memoryBytes
  const diskBytes = settings?.disk ?? defaultEdgePolicy.diskBytes
  const policies: Record<string, EdgePolicy> = {}
  for (const { receivers } of frame.outputs) {
    for (const receiver of receivers) {
      const target = manifestOf(receiver.component)
      const spills = receivers.length > 1 && target !== undefined && isSink(target) && target.settles !== 'when durable'
      policies[receiverKey(receiver)] = {
        policy: settings?.policy ?? (spills ? 'spill' : 'block'),
        memoryBytes,
        diskBytes,
      }
    }
  }
  return policies
}

/** A component that sends to no other: none of its arguments lists receivers. */
function isSink(manifest: ComponentManifest): boolean {
  return !mentionsReceivers(manifest.arguments)
}

function mentionsReceivers(schema: JsonSchema | unknown): boolean {
  if (Array.isArray(schema)) return schema.some(mentionsReceivers)
  if (typeof schema !== 'object' || schema === null) return false
  if ((schema as { ingot?: { kind?: string } }).ingot?.kind === 'receivers') return true
  return Object.values(schema).some(mentionsReceivers)
}
