import type { ImportNode, LoadedImport } from '@ingot/graph'
import type { Diagnostic, SourceFile } from '@ingot/syntax'
import {
  type CheckAnswer,
  type CheckedImport,
  type Checker,
  type CheckRequest,
  type EditorComponent,
  type EditorFunction,
  importKey,
  type SourceText,
} from '../host.ts'
import { ParsedFiles } from './parsed-files.ts'

export interface ConfigurationInput {
  readonly files: readonly SourceFile[]
  /** What the parser said of them: it is not told again. */
  readonly syntaxMistakes: readonly Diagnostic[]
  /** What an import brought as it is in the editor. */
  current(loaded: LoadedImport): LoadedImport
}
export interface CheckedInput {
  readonly diagnostics: readonly Diagnostic[]
  readonly imports: ReadonlyMap<ImportNode, LoadedImport>
  /** A component of a loaded import, by the key that the import gave it. */
  component(key: string): EditorComponent | undefined
  /** The functions of a loaded import. */
  functions(node: ImportNode): readonly EditorFunction[]
}

/** The check of whole configurations, which knows the components and the file system. */
export type ConfigurationCheck = (input: ConfigurationInput) => Promise<CheckedInput>

/** Checks in the thread that it is called in. */
export class LocalChecker implements Checker {
  readonly #check: ConfigurationCheck
  readonly #parsed = new ParsedFiles()

  constructor(check: ConfigurationCheck) {
    this.#check = check
  }

  async check({ files, overlays }: CheckRequest): Promise<CheckAnswer> {
    if (files.length === 0) return { diagnostics: [], imports: [] }
    this.#parsed.keepOnly([...files, ...overlays])
    const parsed = files.map((file) => this.#parsed.of(file))
    const newer = new Map(overlays.concat(files).map((file) => [file.name, file]))
    const { diagnostics, imports, component, functions } = await this.#check({
      files: parsed.map(({ file }) => file),
      syntaxMistakes: parsed.flatMap((each) => each.diagnostics),
      current: (loaded) => this.#withNewer(loaded, newer),
    })
    const described = [...imports].flatMap(([node, loaded]) => {
      return describeImport(node, loaded, component).map((each) => ({ ...each, functions: functions(node) }))
    })
    return { diagnostics, imports: described }
  }

  /** What is open in the editor is newer than what the import read. */
  #withNewer(found: LoadedImport, newer: ReadonlyMap<string, SourceText>): LoadedImport {
    if (found.kind === 'failed') return found
    const files = found.files.map((file) => {
      const open = newer.get(file.name)
      return open ? this.#parsed.of(open).file : file
    })
    return { ...found, files }
  }
}

/** Imports that something else than a file of the user's is part of. */
const broughtByOthers = /(?:^|\/)import\.(?!file\.)/

function describeImport(
  node: ImportNode,
  loaded: LoadedImport,
  componentOf: CheckedInput['component'],
): Omit<CheckedImport, 'functions'>[] {
  if (loaded.kind === 'failed') return []
  const components = loaded.kind === 'module' ? [...loaded.components] : []
  return [
    {
      key: importKey(node.file, node.name, node.label ?? ''),
      files: loaded.files.map(({ name, text }) => ({ name, text })),
      editable: !broughtByOthers.test(node.id),
      components: components.flatMap(([name, key]) => {
        const component = componentOf(key)
        return component ? [[name, component] as const] : []
      }),
    },
  ]
}
