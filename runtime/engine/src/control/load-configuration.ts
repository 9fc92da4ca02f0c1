import {
  plannedComponentsFile,
  readPlannedComponents,
  validate,
  withoutConsequences,
  type PlannedComponents,
  type Validated,
} from '@ingot/check'
import { uniqueDiagnostics, type ForeachItems, type LoadedImport } from '@ingot/graph'
import {
  parseKeyText,
  type CachedModule,
  type Distribution,
  type RegistryConfig,
  type TrustedKeys,
} from '@ingot/loader'
import type { LockedSource } from '@ingot/manifest'
import {
  diagnose,
  parse,
  position,
  renderDiagnostics,
  type Diagnostic,
  type ObjectValue,
  type SourceFile,
} from '@ingot/syntax'
import { readFileSync } from 'node:fs'
import { componentOf } from './component-of.ts'
import { configBlockSchemas } from './config-blocks.ts'
import { Configuration } from './configuration.ts'
import { languageGlobals } from './language-host.ts'
import { RemoteImports } from './imports/remote-imports.ts'
import { ImportLoader } from './load-imports.ts'
import { missingGrants } from './missing-grants.ts'
import { readConfigBlock } from './read-config-block.ts'
import { folderOf, readSources, type SourceText } from './read-sources.ts'
import { valueFormats } from './value-formats.ts'

type Stability = 'experimental' | 'public-preview' | 'generally-available'
/** Imports of imports: more levels than anyone writes. */
const importRoundsMax = 16

export interface ValidateInput {
  readonly configPath: string
  readonly distribution: Distribution
  readonly cacheDir: string
  readonly stabilityLevel: Stability
  /** Whether components that the community maintains may be used. */
  readonly communityComponents?: boolean
  /** Modules by name that stand in for what `ingot.lock` pins: their authors try them out. */
  readonly modules?: ReadonlyMap<string, CachedModule>
  readonly color: boolean
  /** `--frozen`: what comes from elsewhere has to be what `ingot.lock` pins. */
  readonly frozen?: boolean
  /** What a component exports, where that is known; `undefined` when it does not run or has not exported yet. */
  readonly liveExports?: (id: string) => ObjectValue | undefined
}
export interface LoadInput extends ValidateInput {
  readonly storageDir: string
  /** Lanes that run, or that would when the configuration does not say. */
  readonly lanes: number
  /** Lanes run already: their number stays. */
  readonly lanesStarted: boolean
  readonly sandboxAll: boolean
  readonly liveExports: (id: string) => ObjectValue | undefined
  /** Whether to tell also what is legal and surely not meant. */
  readonly advice?: boolean
  /** Whether a configuration stands although components of it cannot be evaluated. */
  readonly partial?: boolean
  /** What each foreach has of items in the configuration that runs. */
  readonly items?: ReadonlyMap<string, ForeachItems>
  /** The files as they were read for an earlier load: then only what they import is read again. */
  readonly sources?: readonly SourceText[]
  /** What `import.git` and `import.http` blocks have brought to earlier loads. */
  readonly remotes: RemoteImports
}

export interface ValidationResult {
  readonly errors: number
  /** Every diagnostic, with excerpts. */
  readonly printed: string
  /** Every diagnostic, for the log. */
  readonly found: readonly FoundDiagnostic[]
  /** The configuration and `ingot.lock` do not say the same. */
  readonly lockDisagrees: boolean
  /** Every diagnostic in reading order, for tools. */
  readonly diagnostics: readonly Diagnostic[]
  /** The texts that diagnostics point into, by file name. */
  readonly texts: ReadonlyMap<string, string>
  readonly validated: Validated
}
export interface FoundDiagnostic extends Pick<Diagnostic, 'code' | 'severity' | 'message'> {
  /** `file:line:column`. */
  readonly at: string
}
export interface LoadResult extends ValidationResult {
  /** The files that were read, imports left out. */
  readonly sources: readonly SourceText[]
  /** What imports from elsewhere were found to be, by their keys in the lockfile. */
  readonly pinnable: ReadonlyMap<string, LockedSource>
  /** Absent when the configuration does not hold. */
  readonly configuration: Configuration | undefined
}

/** Checks a configuration without running anything of it. */
export async function validateConfiguration(input: ValidateInput): Promise<ValidationResult> {
  return loadOnce(input, new RemoteImports({ cacheDir: input.cacheDir }))
}

/** Loads a configuration that nothing of will run. */
export async function loadOnce(input: ValidateInput, remotes: RemoteImports): Promise<LoadResult> {
  try {
    return await loadConfiguration({
      liveExports: () => undefined,
      ...input,
      storageDir: '',
      lanes: 1,
      lanesStarted: false,
      sandboxAll: false,
      advice: true,
      remotes,
    })
  } finally {
    await remotes.close()
  }
}

/** Reads, resolves, evaluates and checks a configuration beside whatever is running. */
export async function loadConfiguration(input: LoadInput): Promise<LoadResult> {
  const texts = new Map<string, string>()
  const diagnostics: Diagnostic[] = []
  const files: SourceFile[] = []
  let sources: readonly SourceText[] = []
  try {
    sources = input.sources ?? (await readSources(input.configPath))
    for (const source of sources) {
      const parsed = parse(source.name, source.text)
      texts.set(source.name, source.text)
      diagnostics.push(...source.diagnostics, ...parsed.diagnostics)
      files.push(parsed.file)
    }
  } catch (error) {
    diagnostics.push(diagnose('unreadable-file', { file: input.configPath }, (error as Error).message))
  }
  const loading = new ConfigurationLoading(input, files, folderOf(input.configPath, sources))
  const validated = await loading.load()
  for (const [name, text] of loading.imports.sources) texts.set(name, text)
  diagnostics.push(...withoutConsequences(loading.diagnostics, files, [...diagnostics]))
  const ordered = inReadingOrder(diagnostics, [...texts.keys()])
  const errors = ordered.filter(({ severity }) => severity === 'error').length
  return {
    errors,
    printed: renderDiagnostics(ordered, texts, { color: input.color }),
    found: ordered.map((diagnostic) => foundAt(diagnostic, texts)),
    lockDisagrees: ordered.some(({ code, severity }) => code === 'lock-mismatch' && severity === 'error'),
    diagnostics: ordered,
    texts,
    validated,
    sources,
    pinnable: loading.imports.found,
    configuration: stands(ordered, validated, input) ? new Configuration(validated, input, loading.imports) : undefined,
  }
}

export function foundAt(
  { code, severity, message, file, span }: Diagnostic,
  texts: ReadonlyMap<string, string>,
): FoundDiagnostic {
  const at = span && texts.has(file) ? position(texts.get(file)!, span.start) : undefined
  return { code, severity, message, at: at ? `${file}:${at.line}:${at.column}` : file }
}

/** What components said of their arguments, at their places in the configuration. */
export function refusedArguments(
  { validated, texts }: LoadResult,
  refusals: readonly { readonly id: string; readonly message: string }[],
  color: boolean,
): Pick<LoadResult, 'printed' | 'found'> {
  const diagnostics = uniqueDiagnostics(
    refusals.map(({ id, message }) => {
      const { name, file, block } = validated.graph.nodes.get(id)!
      return diagnose('invalid-value', { file, span: block.head }, `Cannot use ${name}: ${message}`)
    }),
  )
  return {
    printed: renderDiagnostics(diagnostics, texts, { color }),
    found: diagnostics.map((diagnostic) => foundAt(diagnostic, texts)),
  }
}

/** Blocks that keep their former values when the new ones cannot be evaluated. The others say what the rest means. */
const keptBlocks: ReadonlySet<string> = new Set(['logging', 'http', 'livedebugging'])

function stands(found: readonly Diagnostic[], { graph, evaluationErrors }: Validated, { partial }: LoadInput): boolean {
  const bearable = new Set<Diagnostic>()
  for (const [id, errors] of partial ? evaluationErrors : []) {
    const { kind, name } = graph.nodes.get(id)!
    if (kind === 'import' || (kind === 'config' && !keptBlocks.has(name))) continue
    for (const error of errors) bearable.add(error)
  }
  return found.every((one) => one.severity !== 'error' || bearable.has(one))
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
  readonly #folder: string
  readonly #globals = languageGlobals()
  imports: ImportLoader

  /** @param folder of the configuration, where its lockfile is */
  constructor(input: LoadInput, files: readonly SourceFile[], folder: string) {
    this.#input = input
    this.#files = files
    this.#folder = folder
    this.imports = this.#importLoader([])
  }

  async load(): Promise<Validated> {
    const loaded = new Map<string, LoadedImport>()
    let validated = this.#validate(loaded)
    const { trust, diagnostics } = readTrust(validated)
    this.imports = this.#importLoader(registriesOf(validated), trust)
    for (let round = 0; validated.neededImports.length > 0 && round < importRoundsMax; round++) {
      for (const node of validated.neededImports) {
        const { block } = validated.evaluation.results.get(node.id)!
        const root = validated.graph.nodes.get(node.id.split('/')[0]!)?.file
        loaded.set(node.id, await this.imports.load(node, block, root))
      }
      validated = this.#validate(loaded)
    }
    // An import's block is checked with the others, and read once more when it is loaded.
    this.diagnostics.push(...uniqueDiagnostics([...validated.diagnostics, ...diagnostics, ...this.imports.diagnostics]))
    this.diagnostics.push(...missingGrants(validated, this.imports))
    return validated
  }

  #validate(imports: ReadonlyMap<string, LoadedImport>): Validated {
    const { distribution, stabilityLevel, liveExports, communityComponents, advice, items } = this.#input
    const manifest = (component: string) => componentOf(component, distribution, this.imports)?.component
    return validate({
      files: this.#files,
      modulePath: this.#folder,
      components: new Set(distribution.components().map(({ name }) => name)),
      manifest,
      configSchemas: new Map(Object.entries(configBlockSchemas)),
      globals: this.#globals,
      planned: plannedComponents(),
      stability: stabilityLevel,
      community: communityComponents ?? false,
      advice: advice ?? false,
      formats: valueFormats,
      imports,
      live: { exports: liveExports },
      ...(items && { items }),
    })
  }

  #importLoader(registries: readonly RegistryConfig[], trust?: TrustedKeys): ImportLoader {
    const { cacheDir, modules, remotes, frozen = false } = this.#input
    const options = { configDir: this.#folder, cacheDir, registries, remotes, frozen }
    return new ImportLoader({ ...options, ...(modules && { modules }), ...(trust && { trust }) })
  }
}

let planned: PlannedComponents | undefined

/** What Alloy has: read when the first configuration is checked, and the same from then on. */
export function plannedComponents(): PlannedComponents {
  planned ??= readPlannedComponents(readFileSync(plannedComponentsFile, 'utf8'))
  return planned
}

/** The keys that the `ingot` block trusts, and what its schema has to say that JSON Schema cannot. */
function readTrust({ graph, evaluation }: Validated): {
  readonly trust?: TrustedKeys
  readonly diagnostics: readonly Diagnostic[]
} {
  const node = [...graph.nodes.values()].find(({ kind, name }) => kind === 'config' && name === 'ingot')
  if (!node) return { diagnostics: [] }
  const { value, diagnostics } = readConfigBlock('ingot', evaluation.results.get(node.id)!.block)
  if (!value?.trust) return { diagnostics }
  const { keys, native } = value.trust
  return { trust: { keys: keys.map(parseKeyText), native: native.map(parseKeyText) }, diagnostics }
}

export function registriesOf({ graph, evaluation }: Validated): RegistryConfig[] {
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
