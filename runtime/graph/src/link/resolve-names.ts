import type { ModuleScope, Node } from '../node.ts'

/** The node that names in an expression stand for, and how many of them are its own. */
export interface NamedNode {
  readonly id: string
  readonly used: number
}

/**
 * The fewest names that are the id of a node of the module that expressions can read; in a template then its item, then
 * what the module around it has.
 */
export function resolveNames(
  names: readonly string[],
  scope: ModuleScope,
  nodes: ReadonlyMap<string, Node>,
): NamedNode | undefined {
  for (let at: ModuleScope | undefined = scope; at; at = at.outer) {
    let local = ''
    for (let used = 1; used <= names.length; used++) {
      local = used === 1 ? names[0]! : `${local}.${names[used - 1]!}`
      const id = at.ids.get(local)
      if (id !== undefined && isReadable(nodes.get(id)!)) return { id, used }
    }
    const { variable } = at
    if (variable && variable.name === names[0]) return { id: variable.item, used: 1 }
  }
  return undefined
}

/** Everything that expressions of a node can stand for, but the node itself. */
export function readableNames(own: string, scope: ModuleScope, nodes: ReadonlyMap<string, Node>): string[] {
  const found: string[] = []
  for (let at: ModuleScope | undefined = scope; at; at = at.outer) {
    for (const [local, id] of at.ids) if (id !== own && isReadable(nodes.get(id)!)) found.push(local)
    if (at.variable) found.push(at.variable.name)
  }
  return found
}

function isReadable({ kind }: Node): boolean {
  return kind === 'component' || kind === 'pending' || kind === 'custom' || kind === 'argument'
}
