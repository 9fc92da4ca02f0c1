import {
  type BlockStatement,
  deepEqual,
  describeType,
  diagnose,
  type Diagnostic,
  type ObjectValue,
  type Value,
} from '@ingot/syntax'
import { blockName, blockTitle } from '../expand/block-name.ts'
import type { ForeachItems } from '../expand/expand.ts'
import { type EvaluatedItems, readItems } from '../foreach/read-items.ts'
import type { ArgumentNode, CustomNode, ExportNode, ForeachNode, Graph, ItemNode, Node } from '../node.ts'
import { AttributeEvaluator, type AttributeResult, type NodeValue, type SeenValue } from './attribute-evaluator.ts'
import type { EvaluatedNode, EvaluationOptions, LiveExports } from './evaluate-graph.ts'
import type { EvaluatedBlock } from './evaluated-block.ts'
import { uniqueDiagnostics } from '../unique-diagnostics.ts'
import { DirtyNodes } from './dirty-nodes.ts'
import { nodeFacts, type NodeFacts } from './node-facts.ts'

/** The evaluated nodes of a graph, kept up to date as components change their exports. */
export class GraphEvaluation {
  readonly graph: Graph
  readonly #live: LiveExports
  readonly #attributes: AttributeEvaluator
  readonly #results = new Map<string, EvaluatedNode>()
  /** Of argument and export nodes and custom components. Components' are asked for each time. */
  readonly #values = new Map<string, NodeValue | undefined>()
  /** Of foreach nodes. */
  readonly #items = new Map<string, EvaluatedItems | undefined>()
  /** Of item nodes. */
  readonly #itemValues = new Map<string, SeenValue | undefined>()
  /** Nodes that wait for answers of functions of modules. */
  readonly #asking = new Set<string>()
  readonly #around: GraphEvaluation | undefined
  readonly #position: ReadonlyMap<string, number>

  constructor(graph: Graph, live: LiveExports, options: EvaluationOptions) {
    this.graph = graph
    this.#live = live
    this.#around = options.around
    this.#attributes = new AttributeEvaluator(graph, options.globals, (id) => this.#seen(id))
    this.#position = new Map(graph.order.map((id, index) => [id, index]))
    for (const id of graph.order) this.#evaluate(graph.nodes.get(id)!)
  }

  /** Every node, dependencies first. */
  get results(): ReadonlyMap<string, EvaluatedNode> {
    return this.#results
  }

  /** Of all nodes, those of an inside that is used several times once. */
  get diagnostics(): readonly Diagnostic[] {
    return uniqueDiagnostics([...this.#results.values()].flatMap((result) => result.diagnostics))
  }

  /** What expressions see of a node: its exports, or of an argument `{ value }`. */
  valueOf(id: string): NodeValue | undefined {
    if (this.#around && !this.#position.has(id)) return this.#around.valueOf(id)
    const { kind } = this.graph.nodes.get(id)!
    if (kind !== 'component' && kind !== 'pending') return this.#values.get(id)
    const value = this.#live.exports(id)
    return value && { value, provisional: this.#live.provisional?.(id) ?? false }
  }

  /**
   * What the arguments of a foreach come to. `undefined` while its collection has no value: because that cannot be told
   * yet, or has failed.
   */
  itemsOf(id: string): ForeachItems | undefined {
    return this.#items.get(id)
  }

  /** The nodes that are evaluated from a node's value, directly. */
  dependentsOf(id: string): readonly string[] {
    return [...(this.graph.dependents.get(id) ?? [])]
  }

  /**
   * After components changed their exports: evaluates what depends on them, through arguments and exports of custom
   * components only as far as their values changed.
   * @returns the nodes that were evaluated, dependencies first
   */
  reevaluate(changedIds: Iterable<string>): readonly EvaluatedNode[] {
    const dirty = new DirtyNodes(this.#position)
    for (const id of changedIds) for (const dependent of this.dependentsOf(id)) dirty.add(dependent)
    return this.#settle(dirty)
  }

  /** Whether functions of modules have been asked for answers. */
  get asks(): boolean {
    return this.#asking.size > 0
  }

  /**
   * After functions of modules have answered: evaluates what waits for that, and what depends on it.
   * @returns the nodes that were evaluated, dependencies first
   */
  reevaluateAnswered(): readonly EvaluatedNode[] {
    const dirty = new DirtyNodes(this.#position)
    for (const id of this.#asking) dirty.add(id)
    return this.#settle(dirty)
  }

  #settle(dirty: DirtyNodes): readonly EvaluatedNode[] {
    const done: EvaluatedNode[] = []
    for (let id = dirty.takeFirst(); id !== undefined; id = dirty.takeFirst()) {
      const node = this.graph.nodes.get(id)!
      const before = this.#ownValue(id)
      done.push(this.#evaluate(node))
      // Each item of a foreach finds out whether it has changed.
      if (node.kind !== 'foreach' && sameValue(before, this.#ownValue(id))) continue
      for (const dependent of this.dependentsOf(id)) dirty.add(dependent)
    }
    return done
  }

  /** What the pages and the API show of a node's place in the graph. */
  facts(id: string): NodeFacts {
    return nodeFacts(this.graph, id, (target) => this.valueOf(target)?.value)
  }

  #ownValue(id: string): SeenValue | undefined {
    return this.#values.get(id) ?? this.#itemValues.get(id)
  }

  #seen(id: string): SeenValue | undefined {
    if (this.graph.nodes.get(id)!.kind !== 'item') return this.valueOf(id)
    return this.#around && !this.#position.has(id) ? this.#around.#seen(id) : this.#itemValues.get(id)
  }

  #evaluate(node: Node): EvaluatedNode {
    this.#asking.delete(node.id)
    const result = this.#evaluated(node)
    this.#results.set(node.id, result)
    return result
  }

  #evaluated(node: Node): EvaluatedNode {
    switch (node.kind) {
      case 'argument':
        return this.#argument(node)
      case 'export':
        return this.#export(node)
      case 'custom':
        return this.#custom(node)
      case 'foreach':
        return this.#foreach(node)
      case 'item':
        return this.#item(node)
      default:
        return this.#block(node)
    }
  }

  #block(node: Node): EvaluatedNode {
    const all: AttributeResult[] = []
    const block = this.#blockOf(node.block, node, all)
    return resultOf(node, block, all)
  }

  #blockOf(block: BlockStatement, node: Node, all: AttributeResult[]): EvaluatedBlock {
    const attributes: EvaluatedBlock['attributes'][number][] = []
    const blocks: EvaluatedBlock[] = []
    for (const statement of block.body.statements) {
      if (statement.kind === 'block') {
        if (node.kind !== 'custom' && node.kind !== 'foreach') blocks.push(this.#blockOf(statement, node, all))
        continue
      }
      const result = this.#attributes.evaluate(statement, node)
      if (result.asked) this.#asking.add(node.id)
      all.push(result)
      attributes.push(result.attribute)
    }
    return { name: blockName(block), label: block.label, file: node.file, head: block.head, attributes, blocks }
  }

  #argument(node: ArgumentNode): EvaluatedNode {
    const own = this.#argumentBlock(node)
    if (node.instance === undefined) {
      this.#values.set(node.id, undefined)
      return own
    }
    const instance = this.graph.nodes.get(node.instance)!
    if (node.given) {
      const { attribute, status, asked } = this.#attributes.evaluate(node.given, instance)
      if (asked) this.#asking.add(node.id)
      this.#set(node.id, attribute.value, attribute.provisional)
      // An error in what is given is the instance's, which evaluates it too.
      return { ...own, status: worse(own.status, status === 'failed' ? 'skipped' : status) }
    }
    const fallback = own.block.attributes.find(({ name }) => name === 'default')
    const optional = own.block.attributes.find(({ name }) => name === 'optional')
    if (optional?.value === true) {
      const known = fallback === undefined || fallback.value !== undefined
      this.#set(node.id, known ? (fallback?.value ?? null) : undefined, fallback?.provisional ?? false)
      return own
    }
    this.#values.set(node.id, undefined)
    const missing = missingArgument(node, instance)
    return { ...own, status: 'failed', diagnostics: [...own.diagnostics, missing] }
  }

  #argumentBlock(node: ArgumentNode): EvaluatedNode {
    const own = this.#block(node)
    const optional = own.block.attributes.find(({ name }) => name === 'optional')
    if (optional?.value === undefined || typeof optional.value === 'boolean') return own
    const place = { file: node.file, span: optional.expression.span }
    const message = `Cannot set "optional" on ${blockTitle(node.block)}: found ${describeType(optional.value)}, want bool`
    return { ...own, status: 'failed', diagnostics: [...own.diagnostics, diagnose('wrong-type', place, message)] }
  }

  #export(node: ExportNode): EvaluatedNode {
    const own = this.#block(node)
    const attribute = own.block.attributes.find(({ name }) => name === 'value')
    this.#set(node.id, attribute?.value, attribute?.provisional ?? false)
    return own
  }

  #custom(node: CustomNode): EvaluatedNode {
    const own = this.#block(node)
    const exported = Object.create(null) as Record<string, Value>
    let known = node.complete
    let provisional = false
    for (const [name, id] of node.exports) {
      const inner = this.#values.get(id)
      if (inner) exported[name] = inner.value['value']!
      else known = false
      if (inner?.provisional) provisional = true
    }
    this.#values.set(node.id, known ? { value: exported, provisional } : undefined)
    return known ? own : { ...own, status: worse(own.status, 'skipped') }
  }

  #foreach(node: ForeachNode): EvaluatedNode {
    const own = this.#block(node)
    const { items, diagnostics } = readItems(own.block, blockTitle(node.block))
    this.#items.set(node.id, items)
    const failed = diagnostics.some(({ severity }) => severity === 'error')
    const status = failed ? 'failed' : own.status
    return { ...own, status, diagnostics: [...own.diagnostics, ...diagnostics] }
  }

  #item({ id, key, foreach, block, file }: ItemNode): EvaluatedNode {
    const items = this.#items.get(foreach)
    const value = key === undefined ? undefined : items?.values.get(key)
    this.#itemValues.set(id, value === undefined ? undefined : { value, provisional: items!.provisional })
    const shown = { name: blockName(block), label: block.label, file, head: block.head, attributes: [], blocks: [] }
    return { id, status: value === undefined ? 'skipped' : 'ok', block: shown, diagnostics: [] }
  }

  #set(id: string, value: Value | undefined, provisional: boolean): void {
    const object = Object.assign(Object.create(null) as Record<string, Value>, { value })
    this.#values.set(id, value === undefined ? undefined : { value: object as ObjectValue, provisional })
  }
}

function missingArgument({ label, file, block }: ArgumentNode, instance: Node): Diagnostic {
  if (instance.kind === 'foreach') {
    const message = `Cannot use argument "${label}" in a template: nothing gives it a value`
    return diagnose('missing-argument', { file, span: block.head }, message, { example: 'optional = true' })
  }
  const place = { file: instance.file, span: instance.block.head }
  const message = `Cannot create ${blockTitle(instance.block)}: argument "${label}" is missing`
  return diagnose('missing-argument', place, message, { example: `${label} = …` })
}

const byGravity = ['ok', 'waiting', 'skipped', 'failed'] as const

function worse(a: EvaluatedNode['status'], b: EvaluatedNode['status']): EvaluatedNode['status'] {
  return byGravity.indexOf(a) > byGravity.indexOf(b) ? a : b
}

function resultOf({ id }: Node, block: EvaluatedBlock, all: readonly AttributeResult[]): EvaluatedNode {
  const status = all.reduce<EvaluatedNode['status']>((worst, each) => worse(worst, each.status), 'ok')
  return { id, status, block, diagnostics: all.flatMap(({ diagnostic }) => (diagnostic ? [diagnostic] : [])) }
}

function sameValue(a: SeenValue | undefined, b: SeenValue | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.provisional === b.provisional && deepEqual(a.value, b.value)
}
