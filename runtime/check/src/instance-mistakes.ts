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
      if (!span || !this.#dependsOnInstance(node, file, span)) {
        this.found.push(diagnostic)
        return diagnostic
      }
      const key = JSON.stringify([code, file, span.start])
      const known = this.#known.get(key)
      if (known) {
        this.#alsoIn(known.creators, node)
        return known.told
      }
      const creators = [...related, ...this.#creators(node)]
      const told = { ...diagnostic, related: creators }
      this.#known.set(key, { told, creators })
      this.found.push(told)
      return told
    })
  }

  #alsoIn(creators: Related[], node: Node): void {
    const [creator] = this.#creators(node)
    const isNew = creator && !creators.some(({ file, span }) => file === creator.file && span === creator.span)
    if (isNew && creators.length < RELATED_MAX) creators.push(creator)
  }

  /** Where the modules that the node is in were created, the innermost first. */
  #creators({ moduleID }: Node): Related[] {
    const found: Related[] = []
    let around = this.#graph.nodes.get(moduleID)
    while (around && found.length < RELATED_MAX) {
      const { block, file, kind } = around
      const title = `${around.name}${around.label === undefined ? '' : ` "${around.label}"`}`
      const item = kind === 'item' && around.key !== undefined ? ` as ${around.key}` : ''
      found.push({ message: `created here: ${title}${item}`, file, span: block.head })
      around = this.#graph.nodes.get(around.moduleID)
    }
    return found
  }

  /** Whether the value at a place is made from an argument or item of a module that the node is in. */
  #dependsOnInstance(node: Node, file: string, span: Span): boolean {
    if (node.moduleID === '' || node.file !== file) return false
    for (const [statement, { references }] of this.#graph.bindings.get(node.id) ?? []) {
      const { start, end } = statement.span
      if (start > span.start || end < span.end) continue
      if (
        this.#reachesGiven(
          references.map(({ target }) => target),
          node.moduleID,
        )
      )
        return true
    }
    return false
  }

  #reachesGiven(from: readonly string[], moduleID: string): boolean {
    const seen = new Set(from)
    for (const id of seen) {
      const node = this.#graph.nodes.get(id)
      if (node?.kind === 'item' && isWithin(moduleID, node.id)) return true
      if (node?.kind === 'argument' && node.given && isWithin(moduleID, node.moduleID)) return true
      for (const next of this.#graph.dependencies.get(id) ?? []) seen.add(next)
    }
    return false
  }
}

function isWithin(moduleID: string, around: string): boolean {
  return moduleID === around || moduleID.startsWith(`${around}/`)
}
