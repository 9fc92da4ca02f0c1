import { Capsule, type ObjectValue, type Value } from '@ingot/syntax'
import type { Graph, NodeReference } from '../node.ts'

/** A node's place in the graph, in the words of Alloy's API. All ids are local ones of the node's module. */
export interface NodeFacts {
  readonly localID: string
  readonly moduleID: string
  readonly referencesTo: readonly string[]
  readonly referencedBy: readonly string[]
  /** Where data goes from here: with a receiver to the one who has it, with a value to the one who reads it. */
  readonly dataFlowEdgesTo: readonly string[]
  /** The inside of a custom component. */
  readonly createdModuleIDs: readonly string[]
}

export function nodeFacts(graph: Graph, id: string, exportsOf: (id: string) => ObjectValue | undefined): NodeFacts {
  const node = graph.nodes.get(id)!
  const local = (other: string) => graph.nodes.get(other)!.localID
  const own = referencesOf(graph, id)
  const users = usersOf(graph, id)
  const takes = (reference: NodeReference) => carriesReceiver(readFields(exportsOf(reference.target), reference.fields))
  const sentTo = own.filter(takes).map(({ target }) => target)
  const readBy = users.filter(({ reference }) => !takes(reference)).map(({ user }) => user)
  return {
    localID: node.localID,
    moduleID: node.moduleID,
    referencesTo: unique(own.map(({ target }) => local(target))),
    referencedBy: unique(users.map(({ user }) => local(user))),
    dataFlowEdgesTo: unique([...sentTo, ...readBy].map(local)),
    createdModuleIDs: node.kind === 'custom' ? [id] : [],
  }
}

function referencesOf(graph: Graph, id: string): NodeReference[] {
  return [...graph.bindings.get(id)!.values()].flatMap(({ references }) => references)
}

/** A node of the same module that refers to another is its dependent, or the dependent is an argument inside of it. */
function usersOf(graph: Graph, id: string): { readonly user: string; readonly reference: NodeReference }[] {
  const users = new Set<string>()
  for (const dependent of graph.dependents.get(id) ?? []) {
    const node = graph.nodes.get(dependent)!
    const inside = node.kind === 'argument' && node.moduleID !== graph.nodes.get(id)!.moduleID
    users.add(inside ? node.instance : dependent)
  }
  return [...users].flatMap((user) =>
    referencesOf(graph, user)
      .filter(({ target }) => target === id)
      .map((reference) => ({ user, reference })),
  )
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
