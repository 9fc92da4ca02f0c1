import type { AttributeStatement, Body, Diagnostic } from '@ingot/syntax'
import type { Binding, Graph, Node } from '../node.ts'
import { bind, type BindingRules } from './bind.ts'
import { cycleDiagnostic } from './cycle-diagnostic.ts'
import { components } from './strong-components.ts'

export interface Linked {
  readonly graph: Graph
  readonly diagnostics: readonly Diagnostic[]
}

/** Resolves the names in all expressions, and puts the nodes in order. */
export function link(nodes: ReadonlyMap<string, Node>, rules: BindingRules): Linked {
  const diagnostics: Diagnostic[] = []
  const bindings = new Map<string, Map<AttributeStatement, Binding>>()
  for (const node of nodes.values()) {
    const own = new Map<AttributeStatement, Binding>()
    for (const statement of attributesOf(node.block.body, node)) {
      own.set(statement, bind(statement.value, node, nodes, rules, diagnostics))
    }
    bindings.set(node.id, own)
  }
  const dependencies = new Map([...nodes].map(([id, node]) => [id, dependenciesOf(node, nodes, bindings)] as const))
  const edgesOf = (id: string) => dependencies.get(id)!
  const order = components(nodes.keys(), edgesOf)
  const graph: Graph = { nodes, order: order.flat(), dependencies, dependents: reversed(dependencies), bindings }
  for (const members of order) diagnostics.push(...cycleDiagnostic(members, graph))
  return { graph, diagnostics }
}

function* attributesOf(body: Body, node: Node): Generator<AttributeStatement> {
  for (const statement of body.statements) {
    if (statement.kind === 'attribute') yield statement
    // The blocks of a custom component are refused as a whole.
    else if (node.kind !== 'custom') yield* attributesOf(statement.body, node)
  }
}

function dependenciesOf(
  node: Node,
  nodes: ReadonlyMap<string, Node>,
  bindings: ReadonlyMap<string, ReadonlyMap<AttributeStatement, Binding>>,
): ReadonlySet<string> {
  const found = new Set<string>()
  const add = (binding: Binding | undefined) => {
    for (const { target } of binding?.references ?? []) found.add(target)
  }
  if (node.kind === 'custom') {
    // What the instance is given counts as its dependency, used inside or not: custom components that feed each other
    // are a circle, whatever their inside looks like.
    for (const id of [...node.arguments.values(), ...node.exports.values()]) if (nodes.has(id)) found.add(id)
    return found
  }
  for (const binding of bindings.get(node.id)!.values()) add(binding)
  if (node.kind === 'argument' && node.given) add(bindings.get(node.instance)?.get(node.given))
  return found
}

function reversed(edges: ReadonlyMap<string, ReadonlySet<string>>): Map<string, Set<string>> {
  const found = new Map([...edges.keys()].map((id) => [id, new Set<string>()]))
  for (const [from, targets] of edges) for (const to of targets) found.get(to)!.add(from)
  return found
}
