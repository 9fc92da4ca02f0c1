import {
  type AttributeStatement,
  type BlockStatement,
  diagnose,
  type Diagnostic,
  nearest,
  type ObjectValue,
  type Statement,
} from '@ingot/syntax'
import { configBlocks, importBlocks, isImport, moduleBlocks } from '../config-blocks.ts'
import type { ForeachNode, ImportNode, ItemNode, ModuleScope, Node } from '../node.ts'
import { blockID, blockName, blockTitle, type PlacedBlock } from './block-name.ts'
import { checkAttributes, checkLabel } from './check-block.ts'
import { declareRecursion } from './declare-recursion.ts'
import { type Declare, Environment } from './environment.ts'
import type { ExpandInput } from './expand.ts'
import { readForeach } from './read-foreach.ts'
import { registerDeclares } from './register-declares.ts'

/** Custom components inside custom components. Recursion is found before this; imports of imports could still go on. */
const MODULE_DEPTH_MAX = 32
/** Declares that double at each level would fill any memory. */
const NODES_MAX = 100_000
/** Of bodies that nothing instantiates: what is more is looked at once something does. */
const UNUSED_NODES_MAX = 10_000

interface Place {
  readonly scope: ModuleScope & { readonly ids: Map<string, string> }
  readonly environment: Environment
  /** The declares and templates that the place is inside of, outermost first; none at the root. */
  readonly stack: readonly BlockStatement[]
  readonly instance: Instance | undefined
}

/** What a place is the inside of. */
interface Instance {
  /** Absent in a body that nothing instantiates. */
  readonly id?: string
  /** The block that gives arguments. A foreach gives none. */
  readonly block?: BlockStatement
}

/** The body of a declare or template, and where it is expanded. */
export interface ModuleBody {
  readonly block: BlockStatement
  readonly file: string
  readonly place: Place
  /** Of a template. */
  readonly item?: ItemNode
}

/** Walks the blocks of a configuration and makes the nodes of its graph. */
export class Expansion {
  readonly nodes = new Map<string, Node>()
  readonly diagnostics: Diagnostic[] = []
  readonly neededImports: ImportNode[] = []
  readonly #input: ExpandInput
  /** Bodies that nothing instantiates are expanded, to look at them: nothing is loaded for them or known of items. */
  readonly #unusedBodies: boolean
  readonly #declares = new Map<BlockStatement, Declare>()
  readonly #templates = new Map<BlockStatement, ModuleBody>()
  readonly #instantiated = new Set<BlockStatement>()
  #full = false

  constructor(input: ExpandInput, options: { readonly unusedBodies: boolean } = { unusedBodies: false }) {
    this.#input = input
    this.#unusedBodies = options.unusedBodies
  }

  root(): void {
    const { files, modulePath, components } = this.#input
    const blocks = files.flatMap((file) => this.#placed(file.body.statements, file.name))
    const own = new Map([...components].map((name) => [name, name]))
    const environment = new Environment(modulePath, own)
    this.#module(blocks, {
      scope: { id: '', modulePath, ids: new Map(), functions: environment },
      environment,
      stack: [],
      instance: undefined,
    })
  }

  /** The bodies that were come by and that nothing instantiates. */
  *unused(): Generator<ModuleBody> {
    for (const [block, declare] of this.#declares) {
      if (!this.#instantiated.has(block)) yield unusedDeclare(declare)
    }
    for (const [block, body] of this.#templates) if (!this.#instantiated.has(block)) yield body
  }

  instantiates(block: BlockStatement): boolean {
    return this.#instantiated.has(block)
  }

  body({ block, file, place, item }: ModuleBody): void {
    this.#instantiated.add(block)
    if (item) this.nodes.set(item.id, item)
    this.#module(this.#placed(block.body.statements, file, block), place)
  }

  #module(blocks: readonly PlacedBlock[], place: Place): void {
    const { scope, environment } = place
    this.#names(blocks, scope, environment)
    for (const placedBlock of blocks) {
      const name = blockName(placedBlock.block)
      if (name === 'declare' || isImport(name)) continue
      this.#block(placedBlock, name, place)
    }
  }

  /** Declares and imports come first: their names are known in the whole place, whatever the order. */
  #names(blocks: readonly PlacedBlock[], scope: Place['scope'], environment: Environment): void {
    for (const placedBlock of blocks) {
      if (isImport(blockName(placedBlock.block))) this.#import(placedBlock, scope, environment)
    }
    this.#declare(blocks, environment, 'error')
  }

  #declare(blocks: readonly PlacedBlock[], environment: Environment, severity: 'error' | 'warning'): void {
    this.diagnostics.push(...registerDeclares(blocks, environment, severity))
    this.diagnostics.push(...declareRecursion(environment.declares))
    for (const declare of environment.declares.values()) this.#declares.set(declare.block, declare)
  }

  #import({ block, file }: PlacedBlock, scope: Place['scope'], environment: Environment): void {
    this.diagnostics.push(...checkLabel(block, file, 'required'))
    if (!block.label) return
    const label = block.label.text
    const node = { ...this.#base({ block, file }, scope), kind: 'import' } satisfies ImportNode
    if (environment.namespaces.has(label)) {
      const message = `Cannot import "${label}": another import has this label`
      this.diagnostics.push(diagnose('duplicate-block', { file, span: block.head }, message))
      return
    }
    if (!this.#add(node, scope)) return
    const loaded = this.#input.imports.get(node.id)
    if (!loaded && !this.#unusedBodies) this.neededImports.push(node)
    if (!loaded || loaded.kind === 'failed') {
      environment.namespaces.set(label, { loaded: false, declares: new Map(), components: new Map() })
      return
    }
    const components = loaded.kind === 'module' ? loaded.components : new Map<string, string>()
    const functions = loaded.kind === 'module' ? loaded.functions : undefined
    const inside = this.#importEnvironment(loaded.modulePath, components, functions)
    const blocks = loaded.files.flatMap((source) => this.#placed(source.body.statements, source.name))
    for (const inner of blocks) this.#importedBlock(inner)
    const ids = new Map<string, string>()
    const importScope = { id: node.id, modulePath: loaded.modulePath, ids, functions: inside }
    if (node.id.split('/').length >= MODULE_DEPTH_MAX) {
      this.#tooDeep(node.id, { block, file })
    } else {
      for (const inner of blocks) {
        if (isImport(blockName(inner.block))) this.#import(inner, importScope, inside)
      }
    }
    this.#declare(blocks, inside, 'warning')
    environment.namespaces.set(label, { loaded: true, declares: inside.declares, components, functions })
  }

  /** Imported blocks see the distribution and what their own files bring, not the importing place. */
  #importEnvironment(
    modulePath: string,
    components: ReadonlyMap<string, string>,
    functions: ObjectValue | undefined,
  ): Environment {
    const distribution = new Map([...this.#input.components].map((name) => [name, name]))
    return new Environment(modulePath, components, new Environment(modulePath, distribution), functions)
  }

  #importedBlock({ block, file }: PlacedBlock): void {
    const name = blockName(block)
    if (name === 'declare' || isImport(name)) return
    const values = { advice: 'put it into a declare block' }
    const message = `Cannot import ${blockTitle(block)}: imported files hold only declare and import blocks`
    this.diagnostics.push(diagnose('misplaced-block', { file, span: block.head }, message, values))
  }

  #block(placedBlock: PlacedBlock, name: string, place: Place): void {
    const { block, file } = placedBlock
    if (moduleBlocks.has(name)) return this.#moduleBlock(placedBlock, name, place)
    if (name === 'foreach') return this.#foreach(placedBlock, place)
    const resolution = place.environment.resolve(name)
    if (resolution.kind === 'declare') return this.#instance(placedBlock, resolution.declare, place)
    const rule = configBlocks.get(name)
    if (rule && resolution.kind === 'unknown') {
      if (place.instance) return this.#misplaced(placedBlock, 'at the root of the configuration', 'move it to the root')
      this.diagnostics.push(...checkLabel(block, file, rule.label))
      this.#add({ ...this.#base(placedBlock, place.scope), kind: 'config' }, place.scope)
      return
    }
    if (resolution.kind === 'unknown') return this.#unknown(placedBlock, name, place, resolution.hiddenBy)
    if (resolution.kind === 'pending') {
      this.#add({ ...this.#base(placedBlock, place.scope), kind: 'pending' }, place.scope)
      return
    }
    this.diagnostics.push(...checkLabel(block, file, 'required'))
    const { component } = resolution
    this.#add({ ...this.#base(placedBlock, place.scope), kind: 'component', component }, place.scope)
  }

  #moduleBlock(placedBlock: PlacedBlock, name: string, place: Place): void {
    const { block, file } = placedBlock
    const { instance } = place
    if (!instance) return this.#misplaced(placedBlock, 'inside a declare block', 'put it into a declare block')
    const rules =
      name === 'argument'
        ? { allowed: ['optional', 'default', 'comment'], required: [] }
        : { allowed: ['value'], required: ['value'] }
    this.diagnostics.push(...checkLabel(block, file, 'required'), ...checkAttributes(block, file, rules))
    if (!block.label) return
    const base = this.#base(placedBlock, place.scope)
    if (name === 'export') {
      this.#add({ ...base, kind: 'export' }, place.scope)
      return
    }
    const given = instance.block && attribute(instance.block, block.label.text)
    this.#add({ ...base, kind: 'argument', instance: instance.id, given }, place.scope)
  }

  #instance(placedBlock: PlacedBlock, declare: Declare, place: Place): void {
    const { block, file } = placedBlock
    const base = this.#base(placedBlock, place.scope)
    const recursive = place.stack.includes(declare.block)
    const inner = this.#placed(declare.block.body.statements, declare.file, declare.block)
    const labels = (name: string) =>
      inner.flatMap(({ block: each }) => (blockName(each) === name && each.label ? [each.label.text] : []))
    const names = labels('argument')
    this.diagnostics.push(...checkAttributes(block, file, { allowed: names, required: [] }))
    const node: Node = {
      ...base,
      kind: 'custom',
      arguments: new Map(names.map((name) => [name, `${base.id}/argument.${name}`])),
      exports: new Map(labels('export').map((name) => [name, `${base.id}/export.${name}`])),
      complete: !recursive,
    }
    if (!this.#add(node, place.scope) || recursive) return
    this.#instantiated.add(declare.block)
    if (place.stack.length >= MODULE_DEPTH_MAX) return this.#tooDeep(node.id, placedBlock)
    const { modulePath } = declare.environment
    const environment = new Environment(modulePath, new Map(), declare.environment)
    this.#module(inner, {
      scope: { id: base.id, modulePath, ids: new Map(), functions: environment },
      environment,
      stack: [...place.stack, declare.block],
      instance: { id: base.id, block },
    })
  }

  #foreach(placedBlock: PlacedBlock, place: Place): void {
    const { block, file } = placedBlock
    const { template, diagnostics, variable: written } = readForeach(block, file)
    this.diagnostics.push(...diagnostics)
    const base = this.#base(placedBlock, place.scope)
    const known = this.#input.items?.get(base.id)
    const variable = known?.variable ?? written
    const keys = template && variable !== undefined ? (known?.keys ?? []) : []
    const node: ForeachNode = { ...base, kind: 'foreach', variable, items: keys.map((key) => `${base.id}/${key}`) }
    if (!this.#add(node, place.scope) || !template || variable === undefined) return
    if (place.stack.length >= MODULE_DEPTH_MAX) return this.#tooDeep(node.id, placedBlock)
    if (keys.length === 0) this.#templates.set(template, templateBody({ node, template, place, variable }))
    for (const key of keys) this.body(templateBody({ node, template, place, variable, key }))
  }

  #unknown(placedBlock: PlacedBlock, name: string, place: Place, hiddenBy: string | undefined): void {
    const { block, file } = placedBlock
    const reason = hiddenBy
      ? `${hiddenBy} hides the components whose names begin so`
      : 'no component or config block has this name'
    const candidates = [...place.environment.names(), ...configBlocks.keys(), ...importBlocks, 'declare', 'foreach']
    const values = { nearest: hiddenBy ? undefined : nearest(name, candidates) }
    const message = `Cannot add ${blockTitle(block)}: ${reason}`
    this.diagnostics.push(diagnose('unknown-component', { file, span: nameSpan(block) }, message, values))
    // What refers to it is not wrong for that.
    this.#add({ ...this.#base(placedBlock, place.scope), kind: 'pending' }, place.scope)
  }

  /** The blocks of a file or of a declare, which hold nothing else. */
  #placed(statements: readonly Statement[], file: string, declare?: BlockStatement): PlacedBlock[] {
    return statements.flatMap((statement) => {
      if (statement.kind === 'block') return { block: statement, file }
      const { text, span } = statement.name
      this.diagnostics.push(
        declare
          ? diagnose(
              'unknown-argument',
              { file, span },
              `Cannot set "${text}" on ${blockTitle(declare)}: want only blocks`,
            )
          : diagnose('top-level-attribute', { file, span }, `Cannot set "${text}" outside of blocks`),
      )
      return []
    })
  }

  #misplaced({ block, file }: PlacedBlock, where: string, advice: string): void {
    const message = `Cannot use ${blockTitle(block)} here: such blocks are allowed only ${where}`
    this.diagnostics.push(diagnose('misplaced-block', { file, span: block.head }, message, { advice }))
  }

  #tooDeep(id: string, { block, file }: PlacedBlock): void {
    const message = `Cannot create ${id}: modules are nested deeper than ${MODULE_DEPTH_MAX} levels`
    this.diagnostics.push(diagnose('too-deep', { file, span: block.head }, message))
  }

  #base({ block, file }: PlacedBlock, scope: ModuleScope) {
    const localID = blockID(block)
    const id = scope.id === '' ? localID : `${scope.id}/${localID}`
    return { id, localID, moduleID: scope.id, name: blockName(block), label: block.label?.text, block, file, scope }
  }

  /** Adds a node unless its name is taken. */
  #add(node: Node, scope: Place['scope']): boolean {
    const { block, file } = node
    const first = this.nodes.get(node.id)
    if (first) {
      const message = `Cannot add ${blockTitle(block)}: the name is taken`
      const advice = block.label ? 'give one of the two another label' : 'keep one of the two'
      const duplicate = diagnose('duplicate-block', { file, span: block.head }, message, { advice })
      const related = [{ message: `${node.localID} is here`, file: first.file, span: first.block.head }]
      this.diagnostics.push({ ...duplicate, related })
      return false
    }
    if (this.#unusedBodies && this.nodes.size >= UNUSED_NODES_MAX) return false
    if (this.nodes.size >= NODES_MAX) {
      const message = `Cannot add ${node.id}: the configuration has more than ${NODES_MAX} blocks once it is expanded`
      if (!this.#full) this.diagnostics.push(diagnose('too-deep', { file, span: block.head }, message))
      this.#full = true
      return false
    }
    this.nodes.set(node.id, node)
    scope.ids.set(node.localID, node.id)
    return true
  }
}

function unusedDeclare({ name, block, file, environment }: Declare): ModuleBody {
  const { modulePath } = environment
  const inside = new Environment(modulePath, new Map(), environment)
  const place: Place = {
    scope: { id: `declare.${name}`, modulePath, ids: new Map(), functions: inside },
    environment: inside,
    stack: [block],
    instance: {},
  }
  return { block, file, place }
}

/** A template for one item, or for no item where there is none: then it is looked at alone. */
function templateBody(of: {
  readonly node: ForeachNode
  readonly template: BlockStatement
  readonly place: Place
  readonly variable: string
  readonly key?: string
}): ModuleBody {
  const { node, template, place, variable, key } = of
  const { scope, environment, stack } = place
  const id = `${node.id}/${key ?? 'template'}`
  const localID = `${node.localID}/${key ?? 'template'}`
  const named = { name: variable, item: id }
  const around = new Environment(environment.modulePath, new Map(), environment)
  const ids = new Map<string, string>()
  const inside = { id, modulePath: scope.modulePath, ids, functions: around, outer: scope, variable: named }
  const { items: _items, variable: _variable, ...base } = node
  const item: ItemNode = { ...base, id, localID, kind: 'item', foreach: node.id, key, inside }
  const inner: Place = {
    scope: inside,
    environment: around,
    stack: [...stack, template],
    instance: key === undefined ? {} : { id: node.id },
  }
  return { block: template, file: node.file, place: inner, item }
}

function attribute(block: BlockStatement, name: string): AttributeStatement | undefined {
  const attributes = block.body.statements.filter((statement) => statement.kind === 'attribute')
  return attributes.find((each) => each.name.text === name)
}

function nameSpan(block: BlockStatement) {
  return { start: block.name[0]!.span.start, end: block.name.at(-1)!.span.end }
}
