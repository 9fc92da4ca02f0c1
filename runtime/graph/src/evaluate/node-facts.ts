import { Capsule, type ObjectValue, type Value } from '@ingot/syntax'
import type { Graph, Node, NodeReference } from '../node.ts'

/** A node's place in the graph, in the words of Alloy's API. All ids are local ones of the node's module. */
export interface NodeFacts {
  readonly localID: string
  readonly moduleID: string
  readonly referencesTo: readonly string[]
  readonly referencedBy: readonly string[]
  /** Where data goes from here: with a receiver to the one who has it, with a value to the one who reads it. */
  readonly dataFlowEdgesTo: readonly string[]
  /** The inside of a custom component; of a foreach, what its items are. */
  readonly createdModuleIDs: readonly string[]
}

export function nodeFacts(graph: Graph, id: string, exportsOf: (id: string) => ObjectValue | undefined): NodeFacts {
  const node = graph.nodes.get(id)!
  const local = (other: string) => graph.nodes.get(other)!.localID
  const own = referencesFrom(graph, node)
  const users = usersOf(graph, node)
  const takes = (reference: NodeReference) => carriesReceiver(readFields(exportsOf(reference.target), reference.fields))
  const sentTo = own.filter(takes).map(({ target }) => target)
  const readBy = users.filter(({ reference }) => !takes(reference)).map(({ user }) => user)
  return {
    localID: node.localID,
    moduleID: node.moduleID,
    referencesTo: unique(own.map(({ target }) => local(target))),
    referencedBy: unique(users.map(({ user }) => local(user))),
    dataFlowEdgesTo: unique([...sentTo, ...readBy].map(local)),
    createdModuleIDs: node.kind === 'custom' ? [id] : node.kind === 'foreach' ? node.items : [],
  }
}

function referencesOf(graph: Graph, id: string): NodeReference[] {
  return [...graph.bindings.get(id)!.values()].flatMap(({ references }) => references)
}

/** To nodes of the own module: a template's references beyond it are those of its foreach. */
function referencesFrom(graph: Graph, node: Node): NodeReference[] {
  const all = [...referencesOf(graph, node.id), ...templateReferences(graph, node)]
  return all.filter(({ target }) => {
    const { moduleID, kind } = graph.nodes.get(target)!
    return moduleID === node.moduleID && kind !== 'item'
  })
}

/** What one item refers to all others do. */
function* templateReferences(graph: Graph, node: Node): Generator<NodeReference> {
  const item = node.kind === 'foreach' && node.items[0] !== undefined ? graph.nodes.get(node.items[0]) : undefined
  if (item?.kind !== 'item') return
  for (const id of item.inside.ids.values()) {
    yield* referencesOf(graph, id)
    yield* templateReferences(graph, graph.nodes.get(id)!)
  }
}

/** Who refers to a node: nodes of its module; for what is in a template, the foreach; an argument's custom component. */
function usersOf(graph: Graph, { id, moduleID }: Node): { readonly user: string; readonly reference: NodeReference }[] {
  return [...(graph.dependents.get(id) ?? [])].flatMap((dependent) => {
    const node = graph.nodes.get(dependent)!
    const isInside = node.kind === 'argument' && node.moduleID !== moduleID
    const from = isInside ? node.instance! : dependent
    const user = inModule(graph, graph.nodes.get(from)!, moduleID)
    return referencesOf(graph, from).flatMap((reference) => (reference.target === id ? [{ user, reference }] : []))
  })
}

/** The node itself, or the foreach of that module whose template it is in. */
function inModule(graph: Graph, node: Node, moduleID: string): string {
  let at = node
  while (at.moduleID !== moduleID) {
    const around = graph.nodes.get(at.moduleID)!
    at = around.kind === 'item' ? graph.nodes.get(around.foreach)! : around
  }
  return at.id
}

function readFields(value: Value | undefined, fields: readonly string[]): Value | undefined {
  let at = value
  for (const field of fields) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, field)) return undefined
    at = (at as ObjectValue)[field]
  }
  return at
}

function carriesReceiver(value: Value | undefined): boolean {
  if (value instanceof Capsule) return value.kind === 'receiver'
  if (typeof value !== 'object' || value === null) return false
  return Object.values(value).some((inner: Value) => carriesReceiver(inner))
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)]
}
