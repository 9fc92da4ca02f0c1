import type { Validated } from '@ingot/check'
import { uniqueDiagnostics } from '@ingot/graph'
import type { LockedSource } from '@ingot/manifest'
import {
  diagnose,
  parse,
  position,
  renderDiagnostics,
  type Diagnostic,
  type ObjectValue,
  type RenderOptions,
  type SourceFile,
} from '@ingot/syntax'
import { atLiterals } from './at-literals.ts'
import { checkConfiguration, type CheckSettings } from './check-configuration.ts'
import { Configuration } from './configuration.ts'
import { RemoteImports } from './imports/remote-imports.ts'
import { folderOf, readSources, type SourceText } from './read-sources.ts'

export interface ValidateInput extends Omit<CheckSettings, 'remotes' | 'advice' | 'items'>, RenderOptions {
  readonly configPath: string
}
interface ReadInput extends ValidateInput, Omit<CheckSettings, 'configPath'> {
  /** The files as they were read for an earlier load: then only what they import is read again. */
  readonly sources?: readonly SourceText[]
}
export interface LoadInput extends ReadInput {
  readonly storageDir: string
  /** Lanes that run, or that would when the configuration does not say. */
  readonly lanes: number
  /** Lanes run already: their number stays. */
  readonly lanesStarted: boolean
  readonly sandboxAll: boolean
  /** A debugger attaches to runners: each instance needs one of its own. */
  readonly inspected?: boolean
  readonly liveExports: (id: string) => ObjectValue | undefined
  /** Whether a configuration stands although components of it cannot be evaluated. */
  readonly partial?: boolean
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
export interface ReadResult extends ValidationResult {
  /** The files that were read, imports left out. */
  readonly sources: readonly SourceText[]
  /** What imports from elsewhere were found to be, by their keys in the lockfile. */
  readonly pinnable: ReadonlyMap<string, LockedSource>
}
export interface LoadResult extends ReadResult {
  /** Absent when the configuration does not hold. */
  readonly configuration: Configuration | undefined
}

/** Checks a configuration without running anything of it. */
export async function validateConfiguration(input: ValidateInput): Promise<ValidationResult> {
  return loadOnce(input, new RemoteImports({ cacheDir: input.cacheDir }))
}

/** Reads a configuration that nothing of will run. */
export async function loadOnce(input: ValidateInput, remotes: RemoteImports): Promise<ReadResult> {
  try {
    return (await readConfiguration({ ...input, advice: true, remotes })).result
  } finally {
    await remotes.close()
  }
}

/** Reads, resolves, evaluates and checks a configuration beside whatever is running. */
export async function loadConfiguration(input: LoadInput): Promise<LoadResult> {
  const { result, mistakes, imports } = await readConfiguration(input)
  const holds = stands(mistakes, result.validated, input)
  return { ...result, configuration: holds ? new Configuration(result.validated, input, imports) : undefined }
}

async function readConfiguration(input: ReadInput) {
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
  const folder = folderOf(input.configPath, sources)
  const checked = await checkConfiguration({ files, folder, syntaxMistakes: [...diagnostics] }, input)
  const { validated, imports } = checked
  for (const [name, text] of imports.sources) texts.set(name, text)
  diagnostics.push(...checked.diagnostics)
  const ordered = inReadingOrder(atLiterals(diagnostics, imports.embedded, false), [...texts.keys()])
  const errors = ordered.filter(({ severity }) => severity === 'error').length
  const result: ReadResult = {
    errors,
    printed: renderDiagnostics(ordered, texts, input),
    found: ordered.map((diagnostic) => foundAt(diagnostic, texts)),
    lockDisagrees: ordered.some(({ code, severity }) => code === 'lock-mismatch' && severity === 'error'),
    diagnostics: ordered,
    texts,
    validated,
    sources,
    pinnable: imports.found,
  }
  return { result, mistakes: diagnostics, imports }
}

function foundAt(
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
  options: RenderOptions,
): Pick<LoadResult, 'printed' | 'found'> {
  const diagnostics = uniqueDiagnostics(
    refusals.map(({ id, message }) => {
      const { name, file, block } = validated.graph.nodes.get(id)!
      return diagnose('invalid-value', { file, span: block.head }, `Cannot use ${name}: ${message}`)
    }),
  )
  return {
    printed: renderDiagnostics(diagnostics, texts, options),
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
