import type { ComponentNode, Graph } from '@ingot/graph'
import { type BlockStatement, diagnose, type Diagnostic } from '@ingot/syntax'
import type { ArgumentsFrame } from '../frame.ts'
import { schemaReader } from '../schema.ts'
import type { KnownManifest, KnownManifests } from '../known-manifests.ts'
import { mentionsKind } from './mentions-kind.ts'

/**
 * Components that do nothing, whatever happens: what they export nobody reads or sends to, or what they make they send to
 * nobody. Components without exports that send to nothing by design act on the world by themselves.
 * @param bodies what nothing instantiates yet: a template without items has them once its foreach has
 */
export function unusedComponents(
  graph: Graph,
  bodies: Graph | undefined,
  frames: ReadonlyMap<string, ArgumentsFrame>,
  manifests: KnownManifests,
): Diagnostic[] {
  const unused = new Map<BlockStatement, { readonly node: ComponentNode; readonly reason: Reason; others: number }>()
  const used = new Set<BlockStatement>()
  const named = namesIn(bodies)
  for (const node of graph.nodes.values()) {
    const manifest = manifests.of(node)
    if (node.kind !== 'component' || !manifest) continue
    const isRead = graph.dependents.get(node.id)!.size > 0 || named.has(node.id)
    const reason = whyUnused(isRead, manifest, frames.get(node.id))
    const known = unused.get(node.block)
    if (!reason) used.add(node.block)
    else if (known) known.others++
    else unused.set(node.block, { node, reason, others: 0 })
  }
  return [...unused].flatMap(([block, { node, reason, others }]) => {
    // The instances of a body are of use when one of them is.
    if (used.has(block)) return []
    const place = { file: node.file, span: block.head }
    const name = others > 0 ? node.localID : node.id
    return [diagnose('unused-component', place, `${name} does nothing: ${reason.found}`, { advice: reason.advice })]
  })
}

interface Reason {
  readonly found: string
  readonly advice: string
}

function namesIn(bodies: Graph | undefined): ReadonlySet<string> {
  const bindings = [...(bodies?.bindings.values() ?? [])].flatMap((own) => [...own.values()])
  return new Set(bindings.flatMap(({ references }) => references.map(({ target }) => target)))
}

function whyUnused(isRead: boolean, manifest: KnownManifest, frame: ArgumentsFrame | undefined): Reason | undefined {
  const exported = [...schemaReader(manifest.exports).root().properties.values()]
  if (exported.length > 0 && !isRead) {
    const sends = mentionsKind(manifest.arguments, 'receivers')
    const takes = exported.every((schema) => mentionsKind(schema, 'receiver'))
    // A component that also makes data of its own may be used for that alone.
    if (takes) return { found: 'nothing sends to it', advice: 'send something to its receiver, or remove it' }
    if (!sends) return { found: 'nothing uses what it exports', advice: 'refer to its exports, or remove it' }
  }
  if (!frame || isRead || !mentionsKind(manifest.arguments, 'receivers')) return undefined
  const reached = frame.outputs.some(({ receivers }) => receivers.length > 0)
  return reached ? undefined : { found: 'it sends to nothing', advice: 'give it a receiver to send to, or remove it' }
}
