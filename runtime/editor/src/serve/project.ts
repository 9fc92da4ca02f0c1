import { setImmediate } from 'node:timers/promises'
import type { Diagnostic } from '@ingot/syntax'
import type { CheckAnswer, CheckedImport, EditorFiles, SourceText } from '../host.ts'
import { FileSet, type Namespace } from '../names/file-set.ts'
import { Source } from '../source/source.ts'
import { uriOf } from './uri.ts'

/** A folder may hold more files; the rest is no part of what the editor knows. */
const FILES_MAX = 1000

/** One configuration: the `*.alloy` files of a folder, those open in the editor as they are there. */
export class Project {
  readonly folder: string
  readonly set: FileSet
  readonly #files: EditorFiles
  /** A document of any configuration that is open in the editor. */
  readonly #openSource: (name: string) => Source | undefined
  /** `undefined`: all of the folder's files; else the one that the configuration is. */
  readonly #only: string | undefined
  readonly #disk = new Map<string, Source>()
  readonly #open = new Map<string, Source>()
  readonly #imports = new Map<string, Namespace>()
  #sources: readonly Source[] | undefined
  #imported = new Map<string, Source>()
  #loaded: Promise<void> | undefined
  /** Grows with every change of a text. */
  generation = 0
  /** Files that diagnostics were published for. */
  published = new Set<string>()
  /** What the last check found, by file, with the texts that it is about. */
  found: ReadonlyMap<string, { readonly text: string; readonly diagnostics: readonly Diagnostic[] }> = new Map()

  constructor(
    folder: string,
    files: EditorFiles,
    openSource: (name: string) => Source | undefined,
    only: string | undefined,
  ) {
    this.folder = folder
    this.#files = files
    this.#openSource = openSource
    this.#only = only
    this.set = new FileSet(() => this.sources, this.#imports)
  }

  /** By name, as they are read when the configuration runs. */
  get sources(): readonly Source[] {
    this.#sources ??= [...new Map([...this.#disk, ...this.#open]).values()].toSorted((a, b) =>
      a.name < b.name ? -1 : 1,
    )
    return this.#sources
  }

  source(name: string): Source | undefined {
    return this.#open.get(name) ?? this.#disk.get(name)
  }

  get isOpen(): boolean {
    return this.#open.size > 0
  }

  /** Reads the files of the folder, once. */
  load(): Promise<void> {
    return (this.#loaded ??= this.#read())
  }

  /** Reads them again. */
  reload(): Promise<void> {
    this.#loaded = undefined
    return this.load()
  }

  open(source: Source): void {
    this.#open.set(source.name, source)
    this.#changed()
  }

  close(name: string): void {
    this.#open.delete(name)
    this.#changed()
  }

  /** Takes over what the imports brought. */
  adopt({ imports }: CheckAnswer): void {
    const before = this.#imported
    this.#imported = new Map()
    this.#imports.clear()
    for (const each of imports) this.#imports.set(each.key, this.#namespace(each, before))
  }

  texts(): readonly SourceText[] {
    return this.sources.map(({ name, text }) => ({ name, text }))
  }

  openTexts(): readonly SourceText[] {
    return [...this.#open.values()].map(({ name, text }) => ({ name, text }))
  }

  async #read(): Promise<void> {
    const listed = this.#only === undefined ? await this.#files.list(this.folder) : [this.#only]
    const names = listed.slice(0, FILES_MAX)
    const texts = await Promise.all(names.map((name) => this.#files.read(name)))
    const before = new Map(this.#disk)
    this.#disk.clear()
    for (const [index, name] of names.entries()) {
      const text = texts[index]
      if (text === undefined) continue
      // What has not changed is not parsed again.
      const known = before.get(name)
      this.#disk.set(name, known?.text === text ? known : Source.of(name, text, uriOf(name)))
    }
    this.#changed()
    void this.#prepare([...this.#disk.values()])
  }

  /** Reads the texts one by one, with room for requests between them: the first one need not wait for all of them. */
  async #prepare(sources: readonly Source[]): Promise<void> {
    for (const source of sources) {
      await setImmediate()
      if (this.#disk.get(source.name) === source && !this.#open.has(source.name)) void source.root
    }
  }

  #changed(): void {
    this.#sources = undefined
    this.generation++
  }

  #namespace(
    { files, components, functions, editable }: CheckedImport,
    before: ReadonlyMap<string, Source>,
  ): Namespace {
    const sources = files.map((file) => this.#importedSource(file, before))
    return {
      files: new FileSet(() => sources.map((each) => this.#current(each)), this.#imports, editable),
      components: new Map(components),
      functions: new Map(functions.map((each) => [each.name, each])),
    }
  }

  #current(source: Source): Source {
    return this.#openSource(source.name) ?? source
  }

  #importedSource({ name, text }: SourceText, before: ReadonlyMap<string, Source>): Source {
    const known = this.#imported.get(name) ?? before.get(name)
    const source = known?.text === text ? known : Source.of(name, text, uriOf(name))
    this.#imported.set(name, source)
    return source
  }
}
