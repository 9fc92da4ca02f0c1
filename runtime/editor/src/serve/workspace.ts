import { dirname } from 'node:path'
import type { Position } from 'vscode-languageserver'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import type { EditorHost, SourceText } from '../host.ts'
import type { FileSet } from '../names/file-set.ts'
import { Names } from '../names/resolve.ts'
import { Source } from '../source/source.ts'
import { Project } from './project.ts'
import { nameOfUri } from './uri.ts'

/** Where a request asks: a file, the configuration that it is part of, an offset. */
export interface Asked {
  readonly project: Project
  readonly source: Source
  /** Every configuration that is open: others may import what is asked about. */
  readonly roots: readonly FileSet[]
  offset(position: Position): number
}

export type ConfigurationIs = 'folder' | 'file'

/** The documents of an editor, each in its configuration. */
export class Workspace {
  readonly names: Names
  readonly #host: EditorHost
  readonly #configurationIs: ConfigurationIs
  readonly #projects = new Map<string, Project>()
  /** Open documents of all configurations: those that import one see it as it is in the editor. */
  readonly #open = new Map<string, Source>()

  /** @param configurationIs whether a configuration is all files of a folder, or each file alone */
  constructor(host: EditorHost, configurationIs: ConfigurationIs) {
    this.#host = host
    this.#configurationIs = configurationIs
    this.names = new Names(host)
  }

  get projects(): Iterable<Project> {
    return this.#projects.values()
  }

  /** Takes a document's text as it is now. */
  update(document: TextDocument): { readonly project: Project; readonly source: Source } {
    const name = nameOfUri(document.uri)
    const source = Source.of(name, document.getText(), document.uri)
    const project = this.#projectOf(name)
    this.#open.set(name, source)
    project.open(source)
    return { project, source }
  }

  close(document: TextDocument): Project {
    const name = nameOfUri(document.uri)
    const project = this.#projectOf(name)
    this.#open.delete(name)
    project.close(name)
    if (!project.isOpen) this.#projects.delete(project.folder)
    return project
  }

  async asked(uri: string): Promise<Asked | undefined> {
    const name = nameOfUri(uri)
    const project = this.#projectOf(name)
    await project.load()
    const source = project.source(name)
    const roots = [...this.#projects.values()].map(({ set }) => set)
    return source && { project, source, roots, offset: (position) => source.document.offsetAt(position) }
  }

  /** Every open document. */
  openTexts(): readonly SourceText[] {
    return [...this.#projects.values()].flatMap((project) => project.openTexts())
  }

  /** A folder is one configuration; a document that is in no file is one too. */
  #projectOf(name: string): Project {
    const inFile = name.startsWith('/') || /^[A-Za-z]:[\\/]/.test(name)
    const alone = !inFile || this.#configurationIs === 'file'
    const key = alone ? name : dirname(name)
    let project = this.#projects.get(key)
    if (!project) {
      const openSource = (imported: string) => this.#open.get(imported)
      project = new Project(key, this.#host.files, openSource, alone ? name : undefined)
      this.#projects.set(key, project)
    }
    return project
  }
}
