import type { ComponentManifest, FunctionManifest, JsonSchema } from '@ingot/manifest'
import type { Diagnostic, ObjectValue } from '@ingot/syntax'

/** What the editor shows of a component. */
export type EditorComponent = Pick<
  ComponentManifest,
  'name' | 'summary' | 'docs' | 'arguments' | 'exports' | 'stability'
>

/** What the editor shows of a function. */
export type EditorFunction = Pick<
  FunctionManifest,
  'name' | 'summary' | 'docs' | 'parameters' | 'variadic' | 'result' | 'stability'
>

/** What the server is given: it has no file system and knows no component of its own. */
export interface EditorHost {
  /** Components that need no import, by full name. */
  readonly components: ReadonlyMap<string, EditorComponent>
  /** Schemas of config and import blocks, by block name. */
  readonly configSchemas: ReadonlyMap<string, JsonSchema>
  /** The standard library. */
  readonly globals: ObjectValue
  readonly files: EditorFiles
  readonly checker: Checker
}

export interface EditorFiles {
  /** Absolute paths of the `*.alloy` files of a folder, by name; none when it cannot be read. */
  list(folder: string): Promise<readonly string[]>
  /** `undefined` when the file cannot be read. */
  read(path: string): Promise<string | undefined>
}

export interface SourceText {
  /** Absolute path, or the URI of a document that is in no file. */
  readonly name: string
  readonly text: string
}

export interface CheckRequest {
  readonly files: readonly SourceText[]
  /** Documents that are open in the editor and not among `files`: they may be imported, and their text is newer than the disk's. */
  readonly overlays: readonly SourceText[]
}

/** What one import block brought. */
export interface CheckedImport {
  /** See {@link importKey}. */
  readonly key: string
  readonly files: readonly SourceText[]
  /** False: the texts are from a repository, a server, a module or a string, and nobody's to change here. */
  readonly editable: boolean
  /** By the name inside of the namespace. */
  readonly components: readonly (readonly [string, EditorComponent])[]
  readonly functions: readonly EditorFunction[]
}

export interface CheckAnswer {
  /** What the parser says of the files that were asked about is not among them. */
  readonly diagnostics: readonly Diagnostic[]
  readonly imports: readonly CheckedImport[]
}

/** Checks whole configurations, away from the thread that answers the editor. */
export interface Checker {
  /** @throws when the check could not be made; the next one may work again */
  check(request: CheckRequest): Promise<CheckAnswer>
}

/** Imports are known by the file that they stand in, their block name and their label. */
export function importKey(file: string, name: string, label: string): string {
  return `${file}\n${name}.${label}`
}
