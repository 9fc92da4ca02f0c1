import type { Validated } from '@ingot/check'
import type { EvaluatedBlock, ImportNode, LoadedImport } from '@ingot/graph'
import type { Diagnostic, SourceFile } from '@ingot/syntax'
import {
  type CheckAnswer,
  type CheckedImport,
  type Checker,
  type CheckRequest,
  type EditorComponent,
  importKey,
  type SourceText,
} from '../host.ts'
import { ParsedFiles } from './parsed-files.ts'

/** Imports of imports: more levels than anyone writes. */
const importRoundsMax = 16

/** Loads what the imports of one configuration name. */
export interface ImportSource {
  load(node: ImportNode, block: EvaluatedBlock): Promise<LoadedImport>
  /** A component of a loaded import, by the key that the import gave it. */
  component(key: string): EditorComponent | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** The steps of a check, which know the components and the file system. */
export interface CheckSteps {
  /** @param name of the configuration's first file */
  validate(
    name: string,
    files: readonly SourceFile[],
    imports: ReadonlyMap<string, LoadedImport>,
    source: ImportSource | undefined,
  ): Validated
  /** @param first what is known before anything is imported: registries are in it */
  imports(name: string, first: Validated): ImportSource
}

/** Checks in the thread that it is called in. */
export class LocalChecker implements Checker {
  readonly #steps: CheckSteps
  readonly #parsed = new ParsedFiles()

  constructor(steps: CheckSteps) {
    this.#steps = steps
  }

  async check({ files, overlays }: CheckRequest): Promise<CheckAnswer> {
    const [first] = files
    if (!first) return { diagnostics: [], imports: [] }
    this.#parsed.keepOnly([...files, ...overlays])
    const parsed = files.map((file) => this.#parsed.of(file))
    const newer = new Map(overlays.concat(files).map((file) => [file.name, file]))
    const loaded = new Map<string, LoadedImport>()
    const nodes: ImportNode[] = []
    const sources = parsed.map(({ file }) => file)
    let validated = this.#steps.validate(first.name, sources, loaded, undefined)
    const imports = this.#steps.imports(first.name, validated)
    for (let round = 0; validated.neededImports.length > 0 && round < importRoundsMax; round++) {
      for (const node of validated.neededImports) {
        const found = await imports.load(node, validated.evaluation.results.get(node.id)!.block)
        loaded.set(node.id, this.#withNewer(found, newer))
        nodes.push(node)
      }
      validated = this.#steps.validate(first.name, sources, loaded, imports)
    }
    const diagnostics = [...validated.diagnostics, ...imports.diagnostics]
    return { diagnostics, imports: nodes.flatMap((node) => describeImport(node, loaded.get(node.id)!, imports)) }
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

function describeImport(node: ImportNode, loaded: LoadedImport, imports: ImportSource): CheckedImport[] {
  if (loaded.kind === 'failed') return []
  const components = loaded.kind === 'module' ? [...loaded.components] : []
  return [
    {
      key: importKey(node.file, node.name, node.label ?? ''),
      files: loaded.files.map(({ name, text }) => ({ name, text })),
      components: components.flatMap(([name, key]) => {
        const component = imports.component(key)
        return component ? [[name, component] as const] : []
      }),
    },
  ]
}
