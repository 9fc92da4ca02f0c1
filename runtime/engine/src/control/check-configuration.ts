import { plannedComponentsFile, readPlannedComponents, validate, withoutConsequences } from '@ingot/check'
import type { PlannedComponents, Stability, Validated } from '@ingot/check'
import { type ForeachItems, type ImportNode, type LoadedImport, uniqueDiagnostics } from '@ingot/graph'
import type { CachedModule, Distribution, TrustedKeys } from '@ingot/loader'
import type { Diagnostic, ObjectValue, SourceFile } from '@ingot/syntax'
import { readFileSync } from 'node:fs'
import { componentOf } from './component-of.ts'
import type { FunctionCalls } from './functions/function-calls.ts'
import { configBlockSchemas } from './config-blocks.ts'
import type { RemoteImports } from './imports/remote-imports.ts'
import { languageGlobals } from './language-host.ts'
import { ImportLoader } from './load-imports.ts'
import { cannotBypass } from './cannot-bypass.ts'
import type { WatchedRegistry } from './module-watch.ts'
import { missingGrants } from './missing-grants.ts'
import { readConfigBlock } from './read-config-block.ts'
import { readTrust } from './read-trust.ts'

/** Imports of imports: more levels than anyone writes. */
const importRoundsMax = 16

export interface CheckSettings {
  /** The configuration as the user named it. */
  readonly configPath?: string
  readonly distribution: Distribution
  readonly cacheDir: string
  readonly stabilityLevel: Stability
  /** Whether components that the community maintains may be used. */
  readonly communityComponents?: boolean
  /** Whether to tell also what is legal and surely not meant. */
  readonly advice?: boolean
  /** Modules by name that stand in for what `ingot.lock` pins: their authors try them out. */
  readonly modules?: ReadonlyMap<string, CachedModule>
  /** `--frozen`: what comes from elsewhere has to be what `ingot.lock` pins. */
  readonly frozen?: boolean
  /** `--offline`: modules come from the cache and the vendor folder; no registry is asked. */
  readonly offline?: boolean
  /** What a component exports; `undefined` when it does not run or has not exported yet. */
  readonly liveExports?: (id: string) => ObjectValue | undefined
  /** What each foreach has of items in the configuration that runs. */
  readonly items?: ReadonlyMap<string, ForeachItems>
  /** What is known of calls of functions of modules; without it none of them is made. */
  readonly functions?: FunctionCalls
  /** Puts portable modules of the distribution into runners as well. */
  readonly sandboxAll?: boolean
  /** What `import.git` and `import.http` blocks have brought to earlier loads. */
  readonly remotes: RemoteImports
}

export interface CheckInput {
  readonly files: readonly SourceFile[]
  /** Of the configuration, absolute: where its lockfile is. */
  readonly folder: string
  /** What the parser has said of the files: it is not repeated, and what follows from it is not told. */
  readonly syntaxMistakes: readonly Diagnostic[]
  /** What an import brought as it is to be used: an editor has newer texts. */
  readonly current?: (loaded: LoadedImport) => LoadedImport
}

export interface CheckedConfiguration {
  readonly validated: Validated
  /** Without what the parser said of the files. */
  readonly diagnostics: readonly Diagnostic[]
  readonly imports: ImportLoader
  readonly loaded: ReadonlyMap<ImportNode, LoadedImport>
}

/** The one check of a whole configuration: check, load the imports that are still needed, check again. Nothing of it runs. */
export async function checkConfiguration(input: CheckInput, settings: CheckSettings): Promise<CheckedConfiguration> {
  const { files, folder, syntaxMistakes, current = (loaded) => loaded } = input
  const brought = new Map<string, LoadedImport>()
  const loaded = new Map<ImportNode, LoadedImport>()
  let imports = importLoader(folder, [], settings)
  const check = (): Validated => validateWith(files, folder, brought, imports, settings)
  let validated = check()
  const { trust, diagnostics: mistrusted } = readTrust(validated)
  imports = importLoader(folder, registriesOf(validated), settings, trust)
  for (let round = 0; ; validated = check()) {
    // What functions say may be what is imported.
    if (settings.functions?.open) await settings.functions.ask()
    else if (validated.neededImports.length === 0 || round++ === importRoundsMax) break
    else {
      for (const node of importsToLoad(validated)) {
        const { block } = validated.evaluation.results.get(node.id)!
        const root = validated.graph.nodes.get(node.id.split('/')[0]!)?.file
        const found = current(await imports.load(node, block, root))
        brought.set(node.id, found)
        loaded.set(node, found)
      }
    }
  }
  // An import's block is checked with the others, and read once more when it is loaded.
  const found = uniqueDiagnostics([...validated.diagnostics, ...mistrusted, ...imports.diagnostics])
  found.push(...missingGrants(validated, imports), ...cannotBypass(validated, imports))
  return { validated, diagnostics: withoutConsequences(found, files, syntaxMistakes), imports, loaded }
}

/** Those whose arguments are known; where none is, what they are is not waited for any longer. */
function importsToLoad({ neededImports, evaluation }: Validated): readonly ImportNode[] {
  const ready = neededImports.filter(({ id }) => {
    return evaluation.results.get(id)!.block.attributes.every(({ value, provisional }) => {
      return value !== undefined && !provisional
    })
  })
  return ready.length > 0 ? ready : neededImports
}

/** One pass of it. @param loader of what imports brought */
export function validateWith(
  files: readonly SourceFile[],
  modulePath: string,
  imports: ReadonlyMap<string, LoadedImport>,
  loader: Pick<ImportLoader, 'components'>,
  { distribution, stabilityLevel, communityComponents, advice, liveExports, items }: Omit<CheckSettings, 'remotes'>,
): Validated {
  return validate({
    files,
    modulePath,
    components: new Set(distribution.components().map(({ name }) => name)),
    manifest: (component) => componentOf(component, distribution, loader)?.component,
    configSchemas: new Map(Object.entries(configBlockSchemas)),
    globals: languageGlobals(),
    planned: plannedComponents(),
    stability: stabilityLevel,
    community: communityComponents ?? false,
    advice: advice ?? false,
    imports,
    ...(liveExports && { live: { exports: liveExports } }),
    ...(items && { items }),
  })
}

function importLoader(
  configDir: string,
  registries: readonly WatchedRegistry[],
  settings: CheckSettings,
  trust?: TrustedKeys,
): ImportLoader {
  const { configPath = configDir, cacheDir, modules, remotes, frozen = false, offline = false } = settings
  const given = { configPath, configDir, cacheDir, registries, remotes, frozen, offline, settings }
  return new ImportLoader({ ...given, ...(modules && { modules }), ...(trust && { trust }) })
}

let planned: PlannedComponents | undefined

/** What Alloy has: read when the first configuration is checked, and the same from then on. */
function plannedComponents(): PlannedComponents {
  planned ??= readPlannedComponents(readFileSync(plannedComponentsFile, 'utf8'))
  return planned
}

function registriesOf({ graph, evaluation }: Validated): WatchedRegistry[] {
  return [...graph.nodes.values()].flatMap((node) => {
    if (node.kind !== 'config' || node.name !== 'registry') return []
    const { value } = readConfigBlock('registry', evaluation.results.get(node.id)!.block)
    if (!value) return []
    const { url, scopes, root, auth, on_revoked: onRevoked, allow_quarantined: allowQuarantined } = value
    const { poll_frequency: pollMs } = value
    const name = node.label ?? ''
    return [
      {
        name,
        url,
        scopes,
        onRevoked,
        allowQuarantined,
        pollMs,
        ...(root !== undefined && { root }),
        ...(auth && { token: auth.bearer_token.reveal() }),
      },
    ]
  })
}
