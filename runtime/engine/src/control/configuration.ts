import { decodeArguments, validate, type Validated } from '@ingot/check'
import type { ComponentNode, Graph, GraphEvaluation, LoadedImport } from '@ingot/graph'
import type { Distribution, LoadedComponent, RegistryConfig } from '@ingot/loader'
import type { ArgumentsFrame } from '@ingot/sdk/host'
import { diagnose, parse, renderDiagnostics, type Diagnostic, type ObjectValue, type SourceFile } from '@ingot/syntax'
import { dirname, resolve } from 'node:path'
import type { ComponentDetail, ComponentInfo } from '../http/view.ts'
import { argumentsJson, exportsJson, plainJson, type StatementJson } from './body-json.ts'
import type { ComponentTable } from './component-table.ts'
import { configBlockSchemas, type ConfigBlock } from './config-blocks.ts'
import { edgePolicies, sinksInCompany } from './edge-policies.ts'
import { HealthBoard, type Health } from './health.ts'
import { languageGlobals } from './language-host.ts'
import { ImportLoader, type CodeImport } from './load-imports.ts'
import { defaultLogSettings, type LogSettings } from './log.ts'
import { placeComponent } from './placement.ts'
import { readConfigBlock } from './read-config-block.ts'
import { readSources } from './read-sources.ts'
import type { DesiredComponent } from './running-component.ts'
import { valueFormats } from './value-formats.ts'

type Stability = 'experimental' | 'public-preview' | 'generally-available'
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
  readonly liveExports: (id: string) => ObjectValue | undefined
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
  const printed = renderDiagnostics(inReadingOrder(diagnostics, [...texts.keys()]), texts, { color: input.color })
  return { errors, printed, configuration: errors === 0 ? configuration : undefined }
}

/** By file, in the order in which they were read, and by place in it: as one goes through them to correct them. */
function inReadingOrder(diagnostics: readonly Diagnostic[], files: readonly string[]): readonly Diagnostic[] {
  const order = new Map(files.map((name, at) => [name, at]))
  const start = ({ span }: Diagnostic): number => span?.start ?? 0
  return diagnostics.toSorted(
    (a, b) => (order.get(a.file) ?? files.length) - (order.get(b.file) ?? files.length) || start(a) - start(b),
  )
}

/** One pass over a configuration: check, load the imports that are still needed, check again. */
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
    let validated = this.#validate(loaded)
    this.imports = this.#importLoader(registriesOf(validated))
    for (let round = 0; validated.neededImports.length > 0 && round < importRoundsMax; round++) {
      for (const node of validated.neededImports) {
        loaded.set(node.id, await this.imports.load(node, validated.evaluation.results.get(node.id)!.block))
      }
      validated = this.#validate(loaded)
    }
    this.diagnostics.push(...validated.diagnostics, ...this.imports.diagnostics)
    return new Configuration(validated, this.#input, this.imports)
  }

  #validate(imports: ReadonlyMap<string, LoadedImport>): Validated {
    const { distribution, configPath, stabilityLevel, liveExports } = this.#input
    const manifest = (component: string) => componentOf(component, distribution, this.imports)?.component
    return validate({
      files: this.#files,
      modulePath: dirname(resolve(configPath)),
      components: new Set(distribution.components().map(({ name }) => name)),
      manifest,
      configSchemas: new Map(Object.entries(configBlockSchemas)),
      globals: this.#globals,
      stability: stabilityLevel,
      formats: valueFormats,
      imports,
      live: { exports: liveExports },
    })
  }

  #importLoader(registries: readonly RegistryConfig[]): ImportLoader {
    const configDir = dirname(resolve(this.#files[0]?.name ?? this.#input.configPath))
    return new ImportLoader({ configDir, cacheDir: this.#input.cacheDir, registries })
  }
}

function registriesOf({ graph, evaluation }: Validated): RegistryConfig[] {
  return [...graph.nodes.values()].flatMap((node) => {
    if (node.kind !== 'config' || node.name !== 'registry') return []
    const { value } = readConfigBlock('registry', evaluation.results.get(node.id)!.block)
    if (!value) return []
    const { url, scopes, root, auth } = value
    const name = node.label ?? ''
    return [
      { name, url, scopes, ...(root !== undefined && { root }), ...(auth && { token: auth.bearer_token.reveal() }) },
    ]
  })
}

/** A component by the name that its node carries: the key of an import, or a full name of the distribution. */
function componentOf(
  component: string,
  distribution: Distribution,
  imports: ImportLoader,
): LoadedComponent | undefined {
  return imports.components.get(component)?.loaded ?? distribution.lookup(component)
}

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
  readonly #frames: Map<string, ArgumentsFrame>
  #sinksInCompany: ReadonlySet<string>
  readonly #loadedAt = new Date()

  constructor({ graph, evaluation, frames }: Validated, input: LoadInput, imports: ImportLoader) {
    this.#graph = graph
    this.#input = input
    this.#imports = imports
    this.#evaluation = evaluation
    this.order = graph.order.filter((id) => graph.nodes.get(id)!.kind === 'component')
    this.levels = levelsOf(graph, new Set(this.order))
    this.logging = this.#configBlock('logging') ?? defaultLogSettings
    this.http = this.#configBlock('http')
    this.#ingot = this.#configBlock('ingot')
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

  /** Whether anything is evaluated from the component's exports. */
  feedsOthers(id: string): boolean {
    return this.#evaluation.dependentsOf(id).length > 0 && !onlyReceivers(this.#loaded(id).component.exports)
  }

  /** Evaluates again what depends on the exports of the given components. */
  exportsChanged(changed: ReadonlySet<string>): readonly ExportsChange[] {
    const known = [...changed].filter((id) => this.#graph.nodes.has(id))
    return this.#evaluation.reevaluate(known).flatMap((node): ExportsChange[] => {
      if (this.#graph.nodes.get(node.id)!.kind !== 'component') return []
      const { frame, diagnostics, waiting } = decodeArguments(
        this.#loaded(node.id).component.arguments,
        node.block,
        valueFormats,
      )
      const failed = [...node.diagnostics, ...diagnostics].find(({ severity }) => severity === 'error')
      if (failed) return [{ id: node.id, desired: undefined, error: failed.message }]
      if (node.status !== 'ok' || waiting) return []
      this.#learnFrame(node.id, frame)
      const desired = this.#desiredOf(node.id, frame)
      this.#desired.set(node.id, desired)
      return [{ id: node.id, desired, error: '' }]
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
    return componentOf((this.#graph.nodes.get(id) as ComponentNode).component, this.#input.distribution, this.#imports)!
  }

  #import(id: string): CodeImport | undefined {
    return this.#imports.components.get((this.#graph.nodes.get(id) as ComponentNode).component)?.from
  }

  #desiredOf(id: string, frame: ArgumentsFrame): DesiredComponent {
    const { component, module, version, bundlePath, sha256 } = this.#loaded(id)
    const from = this.#import(id)
    const room = from || this.#input.sandboxAll ? 'runner' : 'lane'
    return {
      id,
      component: this.#graph.nodes.get(id)!.name,
      module: `${module}@${version}`,
      manifest: component,
      bundlePath,
      sha256,
      room,
      grant: from?.grant ?? {},
      limits: limitsOf(from),
      lanes: placeComponent(id, component, room, this.lanes),
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

  #configBlock<N extends 'logging' | 'http' | 'ingot'>(name: N): ConfigBlock<N> | undefined {
    const node = [...this.#graph.nodes.values()].find((one) => one.kind === 'config' && one.name === name)
    if (!node) return undefined
    return readConfigBlock(name, this.#evaluation.results.get(node.id)!.block).value
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
