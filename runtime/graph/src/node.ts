import type { AttributeStatement, BlockStatement, FunctionValue, ObjectValue, Span } from '@ingot/syntax'

/**
 * One module instance: the root configuration, the inside of a custom component, or what a foreach makes of one item.
 * Names are resolved within one.
 */
export interface ModuleScope {
  /** `''` for the root; `n.label` or `n.label/inner.x` for the inside of that custom component. */
  readonly id: string
  /** What a template sees beyond itself: what is around its foreach. */
  readonly outer?: ModuleScope
  /** The name of a template's item, and the id of the item's node. It hides names of `outer`. */
  readonly variable?: { readonly name: string; readonly item: string }
  /** What `module_path` is. */
  readonly modulePath: string
  /** Local id → id of the node. */
  readonly ids: ReadonlyMap<string, string>
  readonly functions: FunctionNames
}

/** The functions that expressions of one place can call, by the labels of their imports. */
export interface FunctionNames {
  /**
   * What a label brings, or in a module's own files the function of that name. `undefined`: none; `pending`: its import is
   * not loaded.
   */
  functionsOf(name: string): ObjectValue | FunctionValue | 'pending' | undefined
  functionNames(): Iterable<string>
}

interface NodeBase {
  /** Unique in the graph: the local id, after the id of its module and a slash. */
  readonly id: string
  /** Block name and label: `prometheus.scrape.api`. */
  readonly localID: string
  readonly moduleID: string
  /** `prometheus.scrape`. */
  readonly name: string
  readonly label: string | undefined
  readonly block: BlockStatement
  /** Name of the source file that the block is from. */
  readonly file: string
  /** Where the names in the block's expressions are resolved. */
  readonly scope: ModuleScope
}

/** A component written in code. */
export interface ComponentNode extends NodeBase {
  readonly kind: 'component'
  /** Its full name in the distribution, or the key that its import gave it. */
  readonly component: string
}
/** A component of a namespace whose import is not loaded: all that is known is that it exists. */
export interface PendingNode extends NodeBase {
  readonly kind: 'pending'
}
/** An instance of a `declare`: its inside is in the graph too. Its value is the object of its exports. */
export interface CustomNode extends NodeBase {
  readonly kind: 'custom'
  readonly arguments: ReadonlyMap<string, string>
  readonly exports: ReadonlyMap<string, string>
  /** False when the inside could not be built (a declare that contains itself). */
  readonly complete: boolean
}
export interface ArgumentNode extends NodeBase {
  readonly kind: 'argument'
  /** Id of the custom component or the foreach; `undefined` inside of a body that nothing instantiates. */
  readonly instance: string | undefined
  /** What the instance sets; evaluated in the instance's scope. */
  readonly given: AttributeStatement | undefined
}
export interface ExportNode extends NodeBase {
  readonly kind: 'export'
}
/** Its template is in the graph once for each item of its collection. */
export interface ForeachNode extends NodeBase {
  readonly kind: 'foreach'
  /** The name that the template sees its item by, where that is known. */
  readonly variable: string | undefined
  /** The nodes of its items. */
  readonly items: readonly string[]
}
/** An item of a foreach: its id is that of the module that the template makes of it, its value is the item. */
export interface ItemNode extends NodeBase {
  readonly kind: 'item'
  readonly foreach: string
  /** `foreach_a_1`; `undefined` where a template is looked at that has no items. */
  readonly key: string | undefined
  /** The scope of what the template makes of the item. */
  readonly inside: ModuleScope
}
/** `logging`, `http`, `ingot`, … */
export interface ConfigNode extends NodeBase {
  readonly kind: 'config'
}
export interface ImportNode extends NodeBase {
  readonly kind: 'import'
}

export type Node =
  | ComponentNode
  | PendingNode
  | CustomNode
  | ArgumentNode
  | ExportNode
  | ForeachNode
  | ItemNode
  | ConfigNode
  | ImportNode

/** A name in an expression that stands for a node of the same module. */
export interface NodeReference {
  readonly target: string
  readonly span: Span
  /** The names after the node's own: `['receiver']`. */
  readonly fields: readonly string[]
}

/** What the names of one attribute's expression stand for. */
export interface Binding {
  readonly references: readonly NodeReference[]
  /** A name in it cannot be resolved; that has been reported. */
  readonly broken: boolean
}

export interface Graph {
  /** In the order of the source, the inside of a custom component before it. */
  readonly nodes: ReadonlyMap<string, Node>
  /** Dependencies first. Nodes on a cycle, which has been reported, stand together. */
  readonly order: readonly string[]
  /** Node → the nodes whose values it is evaluated from. */
  readonly dependencies: ReadonlyMap<string, ReadonlySet<string>>
  /** The other way round. */
  readonly dependents: ReadonlyMap<string, ReadonlySet<string>>
  /** Node → attributes of its block that name nodes, nested ones included → what the names stand for. */
  readonly bindings: ReadonlyMap<string, ReadonlyMap<AttributeStatement, Binding>>
}
