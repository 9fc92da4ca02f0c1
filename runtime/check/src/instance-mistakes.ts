import type { Graph, Node } from '@ingot/graph'
import type { Diagnostic, Span } from '@ingot/syntax'

type Related = NonNullable<Diagnostic['related']>[number]

/** Instances that are named with a mistake: who has a thousand looks at the first. */
const RELATED_MAX = 4

/**
 * Gathers mistakes of blocks that are in the graph once for each instance of the module that they are in. Each is told
 * once; one that depends on what the instance is given tells also where it was created.
 */
export class InstanceMistakes {
  readonly found: Diagnostic[] = []
  readonly #graph: Graph
  /** Mistakes that depend on their instance, by code and place. */
  readonly #known = new Map<string, { readonly told: Diagnostic; readonly creators: Related[] }>()

  constructor(graph: Graph) {
    this.#graph = graph
  }

  /** @returns the mistakes as they are told */
  add(node: Node, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
    return diagnostics.map((diagnostic) => {
      const { code, file, span, related = [] } = diagnostic
      const creators = span ? this.#creators(node, this.#givers(node, file, span)) : []
      if (creators.length === 0) {
        this.found.push(diagnostic)
        return diagnostic
      }
      const key = JSON.stringify([code, file, span!.start])
      const known = this.#known.get(key)
      if (known) {
        addNew(known.creators, creators)
        return known.told
      }
      const all = [...related, ...creators]
      const told = { ...diagnostic, related: all }
      this.#known.set(key, { told, creators: all })
      this.found.push(told)
      return told
    })
  }

  /** Where the modules around a node were created that give what the mistake comes from, the innermost first. */
  #creators({ moduleID }: Node, givers: ReadonlySet<string>): Related[] {
    const found: Related[] = []
    let around = givers.size > 0 ? this.#graph.nodes.get(moduleID) : undefined
    while (around && found.length < RELATED_MAX) {
      const { id, block, file, kind, name, label } = around
      const title = label === undefined ? name : `${name} "${label}"`
      const item = kind === 'item' && around.key !== undefined ? ` as ${around.key}` : ''
      if (givers.has(id)) found.push({ message: `created here: ${title}${item}`, file, span: block.head })
      around = this.#graph.nodes.get(around.moduleID)
    }
    return found
  }

  /** The modules around a node whose arguments or item the value at a place is made from. */
  #givers(node: Node, file: string, span: Span): ReadonlySet<string> {
    const found = new Set<string>()
    if (node.moduleID === '' || node.file !== file) return found
    for (const [statement, { references }] of this.#graph.bindings.get(node.id) ?? []) {
      const { start, end } = statement.span
      if (start > span.start || end < span.end) continue
      for (const giver of this.#reached(references.map(({ target }) => target))) {
        if (isWithin(node.moduleID, giver)) found.add(giver)
      }
    }
    return found
  }

  /** The modules whose arguments or item are among some nodes, and what those are evaluated from. */
  *#reached(from: readonly string[]): Generator<string> {
    const seen = new Set(from)
    for (const id of seen) {
      const node = this.#graph.nodes.get(id)
      if (node?.kind === 'item') yield node.id
      if (node?.kind === 'argument' && node.given) yield node.moduleID
      for (const next of this.#graph.dependencies.get(id) ?? []) seen.add(next)
    }
  }
}

function addNew(creators: Related[], more: readonly Related[]): void {
  for (const one of more) {
    const isKnown = creators.some(({ file, span }) => file === one.file && span.start === one.span.start)
    if (!isKnown && creators.length < RELATED_MAX) creators.push(one)
  }
}

function isWithin(moduleID: string, around: string): boolean {
  return moduleID === around || moduleID.startsWith(`${around}/`)
}
