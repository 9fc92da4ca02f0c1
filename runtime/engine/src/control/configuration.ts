import { decodeArguments, type Validated } from '@ingot/check'
import { itemsHold } from '@ingot/graph'
import type {
  ComponentNode,
  EvaluatedNode,
  ForeachItems,
  ForeachNode,
  Graph,
  GraphEvaluation,
  Node,
} from '@ingot/graph'
import type { LoadedComponent } from '@ingot/loader'
import type { ArgumentsFrame } from '@ingot/sdk/host'
import type { ComponentDetail, ComponentInfo } from '../http/view.ts'
import { argumentsJson, exportsJson, plainJson, type StatementJson } from './body-json.ts'
import { componentOf } from './component-of.ts'
import { evaluationFailed, type ComponentTable } from './component-table.ts'
import type { ConfigBlock } from './config-blocks.ts'
import { edgePolicies, sinksInCompany } from './edge-policies.ts'
import { HealthBoard, type Health } from './health.ts'
import type { ImportedFunctions } from './functions/module-functions.ts'
import type { LoadInput } from './load-configuration.ts'
import { runnerGroup } from './runner-group.ts'
import { importLimits } from './import-limits.ts'
import type { UsedRemote } from './imports/remote-imports.ts'
import type { CodeImport, ImportLoader } from './load-imports.ts'
import type { LogOutput } from './log-shipper.ts'
import type { WatchedImport } from './watch-imports.ts'
import { defaultLogSettings, type LogSettings } from './log.ts'
import type { PinnedSet } from './module-watch.ts'
import { placeComponent } from './placement.ts'
import { quietComponents } from './quiet-components.ts'
import { readConfigBlock } from './read-config-block.ts'
import type { DesiredComponent } from './running-component.ts'

/** What follows from changed exports. */
export interface ExportsChanges {
  readonly components: readonly ExportsChange[]
  /** Why the configuration has to be loaded again, if it has. */
  readonly again: LoadAgain | undefined
}
/** The text or the place of an import has changed; or which items a foreach has. The first includes the second. */
export type LoadAgain = 'imports' | 'items'

export interface ExportsChange {
  readonly id: string
  /** What the component should be now; absent when its arguments do not hold with the new values. */
  readonly desired: DesiredComponent | undefined
  readonly error: string
}

/** A configuration that has been read and checked: what should run, and how that follows from what runs. */
export class Configuration {
  readonly logging: LogSettings
  readonly http: ConfigBlock<'http'> | undefined
  /** How many lanes the components are placed in. */
  readonly lanes: number
  /** How many the configuration asks for: those that run stay as they are. */
  readonly lanesWanted: number | undefined
  readonly liveDebugging: boolean
  /** Components written in code, dependencies first. */
  readonly order: readonly string[]
  /** The same, by distance from what depends on nothing: those of one level do not depend on each other. */
  readonly levels: readonly (readonly string[])[]
  readonly #graph: Graph
  readonly #input: LoadInput
  readonly #imports: ImportLoader
  readonly #evaluation: GraphEvaluation
  readonly #ingot: ConfigBlock<'ingot'> | undefined
  readonly #desired = new Map<string, DesiredComponent>()
  /** Why a node's own values do not hold. */
  readonly #failures = new Map<string, string>()
  /** Each foreach whose items have changed to what cannot be run. */
  readonly #refusedItems = new Set<string>()
  /** Modules of which nothing may run. */
  readonly #blocked = new Set<string>()
  readonly #frames: Map<string, ArgumentsFrame>
  #sinksInCompany: ReadonlySet<string>
  readonly #loadedAt = new Date()

  constructor({ graph, evaluation, frames, evaluationErrors }: Validated, input: LoadInput, imports: ImportLoader) {
    this.#graph = graph
    this.#input = input
    this.#imports = imports
    this.#evaluation = evaluation
    this.order = graph.order.filter((id) => graph.nodes.get(id)!.kind === 'component')
    this.levels = levelsOf(graph, new Set(this.order))
    for (const [id, [first]] of evaluationErrors) this.#failures.set(id, first!.message)
    this.logging = this.#configBlock('logging') ?? defaultLogSettings
    this.http = this.#configBlock('http')
    this.#ingot = this.#configBlock('ingot')
    this.lanesWanted = this.#ingot?.lanes
    this.liveDebugging = this.#configBlock('livedebugging')?.enabled ?? false
    this.lanes = input.lanesStarted ? input.lanes : (this.#ingot?.lanes ?? input.lanes)
    this.#frames = new Map(frames)
    this.#sinksInCompany = sinksInCompany(frames, (id) => this.#manifestOf(id))
    for (const id of this.order) {
      const frame = frames.get(id)
      if (frame) this.#desired.set(id, this.#desiredOf(id, frame))
    }
  }

  /** `undefined` while the component waits for values that others have not exported yet. */
  desired(id: string): DesiredComponent | undefined {
    return this.#desired.get(id)
  }

  /** Why a component, or a block of the collector's own, cannot be what the configuration says. */
  failureOf(id: string): string | undefined {
    return this.#failures.get(id)
  }

  /** The component itself refuses its arguments. */
  refuse(id: string, message: string): void {
    this.#failures.set(id, message)
    this.#desired.delete(id)
  }

  /** Nothing of a module may run, with whatever arguments. @returns its components */
  block(module: string, reason: string): readonly string[] {
    this.#blocked.add(module)
    const ids = this.order.filter((id) => this.#desired.get(id)?.module === module)
    for (const id of ids) this.refuse(id, reason)
    return ids
  }

  /** What was loaded of registries. */
  get pinned(): PinnedSet {
    return this.#imports.pinned
  }

  has(id: string): boolean {
    return this.#graph.nodes.has(id)
  }

  /** The arguments of a node, as far as they are known. */
  frameOf(id: string): ArgumentsFrame | undefined {
    return this.#frames.get(id)
  }

  /** Whether anything is evaluated from the component's exports. */
  feedsOthers(id: string): boolean {
    return this.#evaluation.dependentsOf(id).length > 0 && !onlyReceivers(this.#loaded(id).component.exports)
  }

  /** Evaluates again what depends on the exports of the given components. */
  async exportsChanged(changed: ReadonlySet<string>): Promise<ExportsChanges> {
    const known = [...changed].filter((id) => this.#graph.nodes.has(id))
    const evaluated = await this.#reevaluate(known)
    const imports = evaluated.some(({ id }) => this.#graph.nodes.get(id)!.kind === 'import')
    const items = this.#itemsChanged(evaluated)
    return { components: this.#componentChanges(evaluated), again: imports ? 'imports' : items ? 'items' : undefined }
  }

  /** Each node as it is once all functions have answered that are called for it. */
  async #reevaluate(changed: readonly string[]): Promise<readonly EvaluatedNode[]> {
    const { functions } = this.#input
    functions?.begin({ again: false })
    const evaluated = this.#evaluation.reevaluate(changed)
    if (!functions?.open) return evaluated
    const last = new Map(evaluated.map((node) => [node.id, node]))
    while (functions.open) {
      await functions.ask()
      for (const node of this.#evaluation.reevaluateAnswered()) last.set(node.id, node)
    }
    return [...last.values()]
  }

  /** The functions that its imports bring, by the imports' nodes. */
  get functions(): ReadonlyMap<string, ImportedFunctions> {
    return this.#imports.functions
  }

  /** A collection that has no value for now changes nothing of what is made of its items. */
  #itemsChanged(evaluated: readonly EvaluatedNode[]): boolean {
    let changed = false
    for (const { id, diagnostics } of evaluated) {
      const node = this.#graph.nodes.get(id)!
      if (node.kind !== 'foreach') continue
      const failed = diagnostics.find(({ severity }) => severity === 'error')
      if (failed) this.#failures.set(id, failed.message)
      else this.#failures.delete(id)
      // What was refused may be gone; the load that finds it so takes back what it said.
      if (this.#refusedItems.delete(id) || !this.#itemsHold(node)) changed = true
    }
    return changed
  }

  #itemsHold(node: ForeachNode): boolean {
    const items = this.#evaluation.itemsOf(node.id)
    return !items || itemsHold(node, items)
  }

  /** What its items come to now cannot be run: the foreach keeps the components that it has. */
  failItems(message: string): void {
    for (const node of this.#foreachNodes()) {
      if (this.#itemsHold(node)) continue
      this.#failures.set(node.id, message)
      this.#refusedItems.add(node.id)
    }
  }

  /** What each foreach has of items, as the next expansion should begin. */
  get items(): ReadonlyMap<string, ForeachItems> {
    const known = this.#foreachNodes().map(({ id }) => [id, this.#evaluation.itemsOf(id)] as const)
    return new Map(known.filter((entry): entry is readonly [string, ForeachItems] => entry[1] !== undefined))
  }

  #foreachNodes(): ForeachNode[] {
    return [...this.#graph.nodes.values()].filter((node) => node.kind === 'foreach')
  }

  /** Components whose own metrics are not shown. */
  get quiet(): ReadonlySet<string> {
    return quietComponents(this.#evaluation)
  }

  #componentChanges(evaluated: readonly EvaluatedNode[]): readonly ExportsChange[] {
    return evaluated.flatMap((node): ExportsChange[] => {
      if (this.#graph.nodes.get(node.id)!.kind !== 'component') return []
      const { frame, diagnostics, waiting } = decodeArguments(this.#loaded(node.id).component.arguments, node.block)
      const failed = [...node.diagnostics, ...diagnostics].find(({ severity }) => severity === 'error')
      if (failed) {
        this.#failures.set(node.id, failed.message)
        return [{ id: node.id, desired: undefined, error: failed.message }]
      }
      if (node.status !== 'ok' || waiting) return []
      this.#learnFrame(node.id, frame)
      const desired = this.#desiredOf(node.id, frame)
      if (this.#blocked.has(desired.module)) return []
      this.#desired.set(node.id, desired)
      this.#failures.delete(node.id)
      return [{ id: node.id, desired, error: '' }]
    })
  }

  /** Where the `logging` block sends the collector's own lines, and the components that these lines then reach. */
  get logOutput(): LogOutput | undefined {
    const node = this.#configNode('logging')
    const output = node && this.#frames.get(node.id)?.outputs.find(({ path }) => path[0] === 'write_to')
    if (!output || output.receivers.length === 0) return undefined
    const reached = new Set<string>()
    const visit = (id: string): void => {
      if (reached.has(id)) return
      reached.add(id)
      for (const { receivers } of this.#frames.get(id)?.outputs ?? []) receivers.forEach((to) => visit(to.component))
    }
    for (const { component } of output.receivers) visit(component)
    return { output, reached }
  }

  /** Files and folders whose change calls for another load. */
  get watchedImports(): readonly WatchedImport[] {
    return this.#imports.watched
  }

  /** Imports whose sources are to be asked now and then. */
  get remoteImports(): readonly UsedRemote[] {
    return this.#imports.remotes
  }

  /** Whether a module of that id exists: the root, a custom component, or an item of a foreach. */
  hasModule(moduleID: string): boolean {
    const kind = this.#graph.nodes.get(moduleID)?.kind
    return moduleID === '' || kind === 'custom' || kind === 'item'
  }

  components(moduleID: string, table: ComponentTable): readonly ComponentInfo[] {
    return [...this.#graph.nodes.values()]
      .filter((node) => node.moduleID === moduleID && isShown(node))
      .map(({ id }) => this.#info(id, table))
  }

  component(id: string, table: ComponentTable): ComponentDetail | undefined {
    const node = this.#graph.nodes.get(id)
    if (!node || !isShown(node)) return undefined
    const running = table.get(id)
    const { block } = this.#evaluation.results.get(id)!
    const desired = this.#desired.get(id)
    return {
      ...this.#info(id, table),
      arguments: argumentsJson(block, running?.desired.frame ?? desired?.frame),
      exports: exportsJson(this.#evaluation.valueOf(id)?.value),
      debugInfo: [],
      runner: undefined,
      capabilities: Object.entries(desired?.manifest.capabilities ?? {}).map(([name, requests]) => {
        const granted = desired!.grant[name] ?? desired!.grant[name.replaceAll('.', '_')] ?? []
        const shown = granted === true ? ['granted'] : granted
        return { name, requested: requests, granted: shown, targets: 0, used: 0, denied: 0, denials: [] }
      }),
    }
  }

  printPlain(value: unknown): readonly StatementJson[] {
    return plainJson(value)
  }

  #info(id: string, table: ComponentTable): ComponentInfo {
    const { name, label, kind } = this.#graph.nodes.get(id)!
    const desired = this.#desired.get(id)
    return {
      ...this.#evaluation.facts(id),
      name,
      label,
      warnings: [],
      health: kind === 'component' ? this.#health(id, table) : this.#innerHealth(id, table),
      module: desired?.module,
      room: desired?.room,
      lanes: desired?.lanes ?? [],
    }
  }

  /** A custom component, or a foreach, is as well as the worst of what is inside of it. */
  #innerHealth(id: string, table: ComponentTable): Health {
    const failure = this.#failures.get(id)
    if (failure !== undefined) {
      return { state: 'unhealthy', message: evaluationFailed(failure), updatedTime: this.#loadedAt }
    }
    const board = new HealthBoard()
    for (const node of this.#graph.nodes.values()) {
      if (node.kind !== 'component' || !node.id.startsWith(`${id}/`)) continue
      const { state, message } = this.#health(node.id, table)
      board.set(node.id, state, `${node.id.slice(id.length + 1)}: ${message}`)
    }
    if (board.isEmpty) return { state: 'healthy', message: 'component evaluated', updatedTime: this.#loadedAt }
    return board.current
  }

  #health(id: string, table: ComponentTable): Health {
    const running = table.get(id)
    if (running) return running.health.current
    const failure = this.#failures.get(id)
    const updatedTime = this.#loadedAt
    if (failure !== undefined) return { state: 'unhealthy', message: evaluationFailed(failure), updatedTime }
    return { state: 'unknown', message: 'waiting for values that other components export', updatedTime }
  }

  #loaded(id: string): LoadedComponent {
    return componentOf((this.#graph.nodes.get(id) as ComponentNode).component, this.#input.distribution, this.#imports)!
  }

  #import(id: string): CodeImport | undefined {
    return this.#imports.components.get((this.#graph.nodes.get(id) as ComponentNode).component)?.from
  }

  #desiredOf(id: string, frame: ArgumentsFrame): DesiredComponent {
    const { component, module, version, bundlePath, sha256, kind, trusted } = this.#loaded(id)
    const from = this.#import(id)
    const sandboxed = !trusted || (this.#input.sandboxAll && kind === 'portable')
    const room = sandboxed ? 'runner' : 'lane'
    const grouped = from?.isolation === 'group' && sandboxed && !trusted && !this.#input.inspected
    const group = grouped ? runnerGroup(id, module) : undefined
    return {
      id,
      component: this.#graph.nodes.get(id)!.name,
      module: `${module}@${version}`,
      manifest: component,
      bundlePath,
      sha256,
      room,
      trusted,
      grant: from?.grant ?? {},
      limits: importLimits(from?.limits),
      onQuarantine: from?.onQuarantine ?? 'block',
      group,
      // Those of a group are fed by one lane.
      lanes: placeComponent(group ?? id, component, room, this.lanes),
      dataDir: this.#input.storageDir,
      frame,
      policies: edgePolicies(frame, this.#ingot?.edge, this.#sinksInCompany),
    }
  }

  #manifestOf(id: string) {
    return this.#graph.nodes.get(id)?.kind === 'component' ? this.#loaded(id).component : undefined
  }

  /** A component that waited for its values may be the one that brings two sinks together. */
  #learnFrame(id: string, frame: ArgumentsFrame): void {
    if (this.#frames.has(id)) return
    this.#frames.set(id, frame)
    this.#sinksInCompany = sinksInCompany(this.#frames, (other) => this.#manifestOf(other))
  }

  #configBlock<N extends 'logging' | 'http' | 'ingot' | 'livedebugging'>(name: N): ConfigBlock<N> | undefined {
    const node = this.#configNode(name)
    return node && readConfigBlock(name, this.#evaluation.results.get(node.id)!.block).value
  }

  #configNode(name: string): Node | undefined {
    return [...this.#graph.nodes.values()].find((one) => one.kind === 'config' && one.name === name)
  }
}

/** What the pages and the API list. */
function isShown({ kind }: Node): boolean {
  return kind === 'component' || kind === 'custom' || kind === 'foreach'
}

function onlyReceivers(exports: Readonly<Record<string, unknown>>): boolean {
  const properties = Object.values((exports['properties'] ?? {}) as Record<string, { ingot?: { kind?: string } }>)
  return properties.every(({ ingot }) => ingot?.kind === 'receiver')
}

function levelsOf(graph: Graph, components: ReadonlySet<string>): string[][] {
  const depth = new Map<string, number>()
  const levels: string[][] = []
  for (const id of graph.order) {
    const below = [...(graph.dependencies.get(id) ?? [])].map((other) => depth.get(other) ?? 0)
    const isComponent = components.has(id)
    const at = Math.max(-1, ...below) + (isComponent ? 1 : 0)
    depth.set(id, at)
    if (isComponent) (levels[at] ??= []).push(id)
  }
  return levels
}
