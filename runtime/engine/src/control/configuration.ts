import { decodeArguments, exportsToValue, staticExports } from '@ingot/check'
import {
  evaluateGraph,
  expand,
  type ComponentNode,
  type EvaluatedNode,
  type Expanded,
  type Graph,
  type GraphEvaluation,
  type LoadedImport,
} from '@ingot/graph'
import type { Distribution, LoadedComponent, RegistryConfig } from '@ingot/loader'
import type { ArgumentsFrame } from '@ingot/sdk/host'
import {
  diagnose,
  experimentalNames,
  parse,
  renderDiagnostics,
  type Diagnostic,
  type ObjectValue,
  type SourceFile,
} from '@ingot/syntax'
import { dirname, resolve } from 'node:path'
import type { ComponentDetail, ComponentInfo } from '../http/view.ts'
import type { PlainExports } from '../lane/protocol.ts'
import { argumentsJson, exportsJson, plainJson, type StatementJson } from './body-json.ts'
import type { ComponentTable } from './component-table.ts'
import type { ConfigBlock } from './config-blocks.ts'
import { edgePolicies } from './edge-policies.ts'
import { HealthBoard, type Health } from './health.ts'
import { languageGlobals } from './language-host.ts'
import { ImportLoader, type CodeImport } from './load-imports.ts'
import { defaultLogSettings, type LogSettings } from './log.ts'
import { placeComponent } from './placement.ts'
import { readConfigBlock } from './read-config-block.ts'
import { readSources } from './read-sources.ts'
import type { DesiredComponent } from './running-component.ts'

type Stability = 'experimental' | 'public-preview' | 'generally-available'
const stabilityOrder: readonly Stability[] = ['experimental', 'public-preview', 'generally-available']
/** Imports of imports: more levels than anyone writes. */
const importRoundsMax = 16

export interface ValidateInput {
  readonly configPath: string
  readonly distribution: Distribution
  readonly cacheDir: string
  readonly stabilityLevel: Stability
  readonly color: boolean
}
export interface LoadInput extends ValidateInput {
  readonly storageDir: string
  /** Lanes that run, or that would when the configuration does not say. */
  readonly lanes: number
  /** Lanes run already: their number stays. */
  readonly lanesStarted: boolean
  readonly sandboxAll: boolean
  /** What a running component exports; `undefined` when it does not run or has not exported yet. */
  readonly liveExports: (id: string) => PlainExports | undefined
}

export interface ValidationResult {
  readonly errors: number
  /** Every diagnostic, with excerpts. */
  readonly printed: string
}
export interface LoadResult extends ValidationResult {
  /** Absent when the configuration does not hold. */
  readonly configuration: Configuration | undefined
}

/** Checks a configuration without running anything of it. */
export async function validateConfiguration(input: ValidateInput): Promise<ValidationResult> {
  return loadConfiguration({
    ...input,
    storageDir: '',
    lanes: 1,
    lanesStarted: false,
    sandboxAll: false,
    liveExports: () => undefined,
  })
}

/** Reads, resolves, evaluates and checks a configuration beside whatever is running. */
export async function loadConfiguration(input: LoadInput): Promise<LoadResult> {
  const texts = new Map<string, string>()
  const diagnostics: Diagnostic[] = []
  const files: SourceFile[] = []
  try {
    for (const source of await readSources(input.configPath)) {
      const parsed = parse(source.name, source.text)
      texts.set(source.name, source.text)
      diagnostics.push(...source.diagnostics, ...parsed.diagnostics)
      files.push(parsed.file)
    }
  } catch (error) {
    diagnostics.push(diagnose('unreadable-file', { file: input.configPath }, (error as Error).message))
  }
  const loading = new ConfigurationLoading(input, files)
  const configuration = await loading.load()
  for (const [name, text] of loading.imports.sources) texts.set(name, text)
  diagnostics.push(...loading.diagnostics)
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const printed = renderDiagnostics(diagnostics, texts, { color: input.color })
  return { errors, printed, configuration: errors === 0 ? configuration : undefined }
}

/** One pass over a configuration: expand, load imports, expand again, evaluate, check. */
class ConfigurationLoading {
  readonly diagnostics: Diagnostic[] = []
  readonly #input: LoadInput
  readonly #files: readonly SourceFile[]
  readonly #globals = languageGlobals()
  imports: ImportLoader

  constructor(input: LoadInput, files: readonly SourceFile[]) {
    this.#input = input
    this.#files = files
    this.imports = this.#importLoader([])
  }

  async load(): Promise<Configuration> {
    const loaded = new Map<string, LoadedImport>()
    let expanded = this.#expand(loaded)
    const registries = this.#registries(expanded.graph)
    this.imports = this.#importLoader(registries)
    for (let round = 0; expanded.neededImports.length > 0 && round < importRoundsMax; round++) {
      const evaluation = evaluateGraph(expanded.graph, { exports: () => undefined }, { globals: this.#globals })
      for (const node of expanded.neededImports) {
        loaded.set(node.id, await this.imports.load(node, evaluation.results.get(node.id)!.block))
      }
      expanded = this.#expand(loaded)
    }
    this.diagnostics.push(...expanded.diagnostics, ...this.imports.diagnostics)
    const configuration = new Configuration(expanded.graph, this.#input, this.imports, this.#globals)
    this.diagnostics.push(...configuration.diagnostics)
    return configuration
  }

  #expand(imports: ReadonlyMap<string, LoadedImport>): Expanded {
    return expand({
      files: this.#files,
      modulePath: dirname(resolve(this.#input.configPath)),
      components: new Set(this.#input.distribution.components().map(({ name }) => name)),
      globals: new Set(Object.keys(this.#globals)),
      unstableFunctions: this.#input.stabilityLevel === 'experimental' ? new Set() : experimentalNames,
      imports,
    })
  }

  #registries(graph: Graph): RegistryConfig[] {
    const evaluation = evaluateGraph(graph, { exports: () => undefined }, { globals: this.#globals })
    return [...graph.nodes.values()].flatMap((node) => {
      if (node.kind !== 'config' || node.name !== 'registry') return []
      const { value } = readConfigBlock('registry', evaluation.results.get(node.id)!.block)
      if (!value) return []
      const { url, scopes, root, auth } = value
      return [
        {
          name: node.label ?? '',
          url,
          scopes,
          ...(root !== undefined && { root }),
          ...(auth && { token: auth.bearer_token.reveal() }),
        },
      ]
    })
  }

  #importLoader(registries: readonly RegistryConfig[]): ImportLoader {
    const configDir = dirname(resolve(this.#files[0]?.name ?? this.#input.configPath))
    return new ImportLoader({ configDir, cacheDir: this.#input.cacheDir, registries })
  }
}

export interface ExportsChange {
  readonly id: string
  /** What the component should be now; absent when its arguments do not hold with the new values. */
  readonly desired: DesiredComponent | undefined
  readonly error: string
}

/** A configuration that has been read and checked: what should run, and how that follows from what runs. */
export class Configuration {
  readonly diagnostics: Diagnostic[] = []
  readonly logging: LogSettings
  /** How many lanes the components are placed in. */
  readonly lanes: number
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
  readonly #loadedAt = new Date()

  constructor(graph: Graph, input: LoadInput, imports: ImportLoader, globals: ObjectValue) {
    this.#graph = graph
    this.#input = input
    this.#imports = imports
    const live = {
      exports: (id: string) => this.#exportsOf(id),
      provisional: (id: string) => input.liveExports(id) === undefined,
    }
    this.#evaluation = evaluateGraph(graph, live, { globals })
    this.diagnostics.push(...this.#evaluation.diagnostics)
    this.order = graph.order.filter((id) => graph.nodes.get(id)!.kind === 'component')
    this.levels = levelsOf(graph, new Set(this.order))
    this.logging = this.#configBlock('logging') ?? defaultLogSettings
    this.#ingot = this.#configBlock('ingot')
    this.lanes = input.lanesStarted ? input.lanes : (this.#ingot?.lanes ?? input.lanes)
    this.#configBlock('http')
    this.#configBlock('livedebugging')
    for (const id of this.order) this.diagnostics.push(...this.#decode(this.#evaluation.results.get(id)!))
  }

  /** `undefined` while the component waits for values that others have not exported yet. */
  desired(id: string): DesiredComponent | undefined {
    return this.#desired.get(id)
  }

  /** Whether anything is evaluated from the component's exports. */
  feedsOthers(id: string): boolean {
    return this.#evaluation.dependentsOf(id).length > 0 && !onlyReceivers(this.#loaded(id).component.exports)
  }

  /** Evaluates again what depends on the exports of the given components. */
  exportsChanged(changed: ReadonlySet<string>): readonly ExportsChange[] {
    const known = [...changed].filter((id) => this.#graph.nodes.has(id))
    return this.#evaluation.reevaluate(known).flatMap((node): ExportsChange[] => {
      if (this.#graph.nodes.get(node.id)!.kind !== 'component') return []
      const diagnostics = [...node.diagnostics, ...this.#decode(node)]
      const failed = diagnostics.find(({ severity }) => severity === 'error')
      if (failed) return [{ id: node.id, desired: undefined, error: failed.message }]
      const desired = this.#desired.get(node.id)
      return desired ? [{ id: node.id, desired, error: '' }] : []
    })
  }

  components(moduleID: string, table: ComponentTable): readonly ComponentInfo[] {
    return [...this.#graph.nodes.values()]
      .filter((node) => node.moduleID === moduleID && (node.kind === 'component' || node.kind === 'custom'))
      .map(({ id }) => this.#info(id, table))
  }

  component(id: string, table: ComponentTable): ComponentDetail | undefined {
    const node = this.#graph.nodes.get(id)
    if (!node || (node.kind !== 'component' && node.kind !== 'custom')) return undefined
    const running = table.get(id)
    const { block } = this.#evaluation.results.get(id)!
    const desired = this.#desired.get(id)
    return {
      ...this.#info(id, table),
      arguments: argumentsJson(block, running?.desired.frame ?? desired?.frame),
      exports: exportsJson(this.#evaluation.valueOf(id)?.value),
      debugInfo: [],
      capabilities: Object.entries(desired?.manifest.capabilities ?? {}).map(([name, requests]) => {
        const granted = desired!.grant[name] ?? desired!.grant[name.replaceAll('.', '_')] ?? []
        return { name, why: requests.map(({ why }) => why), granted: granted === true ? ['granted'] : granted }
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
      health: kind === 'custom' ? this.#customHealth(id, table) : (table.get(id)?.health.current ?? this.#waiting()),
      module: desired?.module,
      room: desired?.room,
      lanes: desired?.lanes ?? [],
    }
  }

  /** A custom component is as well as the worst of what is inside of it. */
  #customHealth(id: string, table: ComponentTable): Health {
    const board = new HealthBoard()
    for (const node of this.#graph.nodes.values()) {
      if (node.kind !== 'component' || !node.id.startsWith(`${id}/`)) continue
      const { state, message } = table.get(node.id)?.health.current ?? this.#waiting()
      board.set(node.id, state, `${node.localID}: ${message}`)
    }
    return board.at(id) ?? board.current
  }

  #waiting(): Health {
    return { state: 'unknown', message: 'waiting for values that other components export', updatedTime: this.#loadedAt }
  }

  #loaded(id: string): LoadedComponent {
    const key = (this.#graph.nodes.get(id) as ComponentNode).component
    return this.#imports.components.get(key)?.loaded ?? this.#input.distribution.lookup(key)!
  }

  #import(id: string): CodeImport | undefined {
    return this.#imports.components.get((this.#graph.nodes.get(id) as ComponentNode).component)?.from
  }

  #exportsOf(id: string): ObjectValue | undefined {
    const node = this.#graph.nodes.get(id)
    if (node?.kind !== 'component') return undefined
    const { exports } = this.#loaded(id).component
    const live = this.#input.liveExports(id)
    return live ? exportsToValue(exports, id, live) : staticExports(exports, id)
  }

  /** Makes the desired state of one component from its evaluated block. */
  #decode(node: EvaluatedNode): readonly Diagnostic[] {
    const { component, module, version, bundlePath, sha256 } = this.#loaded(node.id)
    this.#desired.delete(node.id)
    const unstable = this.#unstable(node, component.stability)
    if (unstable) return [unstable]
    const { frame, diagnostics } = decodeArguments(component.arguments, node.block)
    if (node.status !== 'ok' || diagnostics.some(({ severity }) => severity === 'error')) return diagnostics
    const from = this.#import(node.id)
    const room = from || this.#input.sandboxAll ? 'runner' : 'lane'
    this.#desired.set(node.id, {
      id: node.id,
      component: this.#graph.nodes.get(node.id)!.name,
      module: `${module}@${version}`,
      manifest: component,
      bundlePath,
      sha256,
      room,
      grant: from?.grant ?? {},
      limits: limitsOf(from),
      lanes: placeComponent(node.id, component, room, this.lanes),
      dataDir: this.#input.storageDir,
      frame: frame as ArgumentsFrame,
      policies: edgePolicies(frame as ArgumentsFrame, this.#ingot?.edge, (id) => this.#manifestOf(id)),
    })
    return diagnostics
  }

  #manifestOf(id: string) {
    return this.#graph.nodes.get(id)?.kind === 'component' ? this.#loaded(id).component : undefined
  }

  #unstable({ block }: EvaluatedNode, stability: Stability): Diagnostic | undefined {
    const { stabilityLevel } = this.#input
    if (stabilityOrder.indexOf(stability) >= stabilityOrder.indexOf(stabilityLevel)) return undefined
    const message = `Cannot use ${block.name}: it is ${stability}, and the collector was started to allow ${stabilityLevel}`
    return diagnose('unstable-feature', { file: block.file, span: block.head }, message, { level: stability })
  }

  #configBlock<N extends 'logging' | 'http' | 'ingot' | 'livedebugging'>(name: N): ConfigBlock<N> | undefined {
    const node = [...this.#graph.nodes.values()].find((one) => one.kind === 'config' && one.name === name)
    if (!node) return undefined
    const { value, diagnostics } = readConfigBlock(name, this.#evaluation.results.get(node.id)!.block)
    this.diagnostics.push(...diagnostics)
    return value
  }
}

function limitsOf(from: CodeImport | undefined): DesiredComponent['limits'] {
  const {
    memory,
    batch_deadline: batchDeadlineMs,
    turn_timeout: turnTimeoutMs,
    cpu_share: cpuShare,
  } = from?.limits ?? {}
  return {
    ...(memory !== undefined && { memoryMiB: memory / 2 ** 20 }),
    ...(batchDeadlineMs !== undefined && { batchDeadlineMs }),
    ...(turnTimeoutMs !== undefined && { turnTimeoutMs }),
    ...(cpuShare !== undefined && { cpuShare }),
  }
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
