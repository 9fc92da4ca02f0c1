import type { AttributeStatement, Body, Diagnostic, Expression } from '@ingot/syntax'
import type { Binding, Graph, Node } from '../node.ts'
import { bind, type BindingRules } from './bind.ts'
import { cycleDiagnostic } from './cycle-diagnostic.ts'
import { components } from './strong-components.ts'
import { uniqueDiagnostics } from '../unique-diagnostics.ts'

export interface Linked {
  readonly graph: Graph
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Resolves the names in all expressions, and puts the nodes in order.
 * @param around nodes of another graph that these refer to
 */
export function link(
  linked: ReadonlyMap<string, Node>,
  rules: BindingRules,
  around?: ReadonlyMap<string, Node>,
): Linked {
  const nodes = around && linked.size > 0 ? new Map([...around, ...linked]) : (around ?? linked)
  const diagnostics: Diagnostic[] = []
  const bindings = new Map<string, ReadonlyMap<AttributeStatement, Binding>>()
  for (const node of linked.values()) {
    const own = new Map<AttributeStatement, Binding>()
    addBindings(own, node.block.body, node, (value) => bind(value, node, nodes, rules, diagnostics))
    bindings.set(node.id, own)
  }
  const dependencies = new Map<string, ReadonlySet<string>>()
  for (const [id, node] of linked) dependencies.set(id, dependenciesOf(node, linked, bindings))
  const edgesOf = (id: string) => dependencies.get(id)!
  const order = components(linked.keys(), edgesOf)
  const graph: Graph = { nodes, order: order.flat(), dependencies, dependents: reversed(dependencies), bindings }
  // Instances of one body go round in the same circle.
  const circles = order.flatMap((members) => cycleDiagnostic(members, graph))
  diagnostics.push(...uniqueDiagnostics(circles, ({ file, span }) => [file, span?.start]))
  return { graph, diagnostics }
}

function addBindings(
  found: Map<AttributeStatement, Binding>,
  body: Body,
  node: Node,
  bound: (expression: Expression) => Binding | undefined,
): void {
  // The block of an item is that of its foreach, which has its attributes.
  if (node.kind === 'item') return
  for (const statement of body.statements) {
    if (statement.kind === 'attribute') {
      const binding = bound(statement.value)
      if (binding) found.set(statement, binding)
      // The blocks of a custom component are refused as a whole; the template of a foreach has nodes of its own.
    } else if (node.kind !== 'custom' && node.kind !== 'foreach') addBindings(found, statement.body, node, bound)
  }
}

function dependenciesOf(
  node: Node,
  nodes: ReadonlyMap<string, Node>,
  bindings: ReadonlyMap<string, ReadonlyMap<AttributeStatement, Binding>>,
): ReadonlySet<string> {
  const found = new Set<string>()
  const add = (binding: Binding | undefined) => {
    for (const { target } of binding?.references ?? []) if (nodes.has(target)) found.add(target)
  }
  if (node.kind === 'custom') {
    // What the instance is given counts as its dependency, used inside or not: custom components that feed each other
    // are a circle, whatever their inside looks like.
    for (const id of [...node.arguments.values(), ...node.exports.values()]) if (nodes.has(id)) found.add(id)
    return found
  }
  for (const binding of bindings.get(node.id)!.values()) add(binding)
  if (node.kind === 'argument' && node.given) add(bindings.get(node.instance!)?.get(node.given))
  if (node.kind === 'item' && nodes.has(node.foreach)) found.add(node.foreach)
  return found
}

function reversed(edges: ReadonlyMap<string, ReadonlySet<string>>): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const id of edges.keys()) found.set(id, new Set())
  for (const [from, targets] of edges) for (const to of targets) found.get(to)!.add(from)
  return found
}
