import type { Diagnostic } from '@ingot/syntax'
import type { PublishDiagnosticsParams } from 'vscode-languageserver'
import type { CheckAnswer, Checker, SourceText } from '../host.ts'
import { Source } from '../source/source.ts'
import { movedDiagnostics } from './moved-diagnostics.ts'
import type { Project } from './project.ts'
import { toLspDiagnostic } from './to-lsp-diagnostic.ts'
import { uriOf } from './uri.ts'

/** Typing is let come to rest before a configuration is checked. */
const CHECK_DELAY_MS = 150

export interface DiagnosingOptions {
  readonly checker: Checker
  /** Open documents that belong to no or to another configuration. */
  overlays(): readonly SourceText[]
  publish(diagnostics: PublishDiagnosticsParams): void
  warn(message: string): void
}

/** Publishes diagnostics: the parser's at once, the checker's after each pause. */
export class Diagnosing {
  readonly #options: DiagnosingOptions
  readonly #timers = new Map<Project, NodeJS.Timeout>()
  readonly #running = new Set<Project>()
  /** What an editor shows, by file: the same is not sent again. */
  readonly #shown = new Map<string, { readonly source: Source; readonly found: string }>()

  constructor(options: DiagnosingOptions) {
    this.#options = options
  }

  /** A text of the project has changed: `source`, if it was one that is open. */
  changed(project: Project, source: Source | undefined): void {
    if (source) this.#publishNow(project, source)
    clearTimeout(this.#timers.get(project))
    const check = () => void this.#check(project).catch((error: unknown) => this.#options.warn(String(error)))
    this.#timers.set(project, setTimeout(check, CHECK_DELAY_MS))
  }

  /** Nothing of the project is open any more. */
  forget(project: Project): void {
    clearTimeout(this.#timers.get(project))
    this.#timers.delete(project)
    for (const name of project.published) this.#clear(name)
    for (const { name } of project.sources) this.#shown.delete(name)
    project.published = new Set()
  }

  close(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer)
    this.#timers.clear()
  }

  #publishNow(project: Project, source: Source): void {
    const checked = project.found.get(source.name)
    const parsed = source.parsed.diagnostics
    const older = checked ? movedDiagnostics(checked.diagnostics, checked.text, source.text) : []
    this.#publish(project, source, [...parsed, ...older])
  }

  async #check(project: Project): Promise<void> {
    this.#timers.delete(project)
    if (this.#running.has(project)) return this.changed(project, undefined)
    this.#running.add(project)
    try {
      await project.load()
      const { generation, sources } = project
      const files = project.texts()
      const names = new Set(files.map(({ name }) => name))
      const overlays = this.#options.overlays().filter(({ name }) => !names.has(name))
      const answer = await this.#options.checker.check({ files, overlays })
      project.adopt(answer)
      if (project.generation !== generation) return this.changed(project, undefined)
      this.#publishChecked(project, sources, answer)
    } finally {
      this.#running.delete(project)
    }
  }

  #publishChecked(project: Project, sources: readonly Source[], { diagnostics, imports }: CheckAnswer): void {
    const checked = Map.groupBy(diagnostics, ({ file }) => file)
    const own = new Map(sources.map((source) => [source.name, source]))
    const imported = new Map(imports.flatMap(({ files }) => files.map(({ name, text }) => [name, text] as const)))
    const sourceOf = (name: string): Source | undefined => {
      const text = imported.get(name)
      return own.get(name) ?? (text === undefined ? undefined : Source.of(name, text, uriOf(name)))
    }
    project.found = new Map(
      sources.map(({ name, text }) => [name, { text, diagnostics: checked.get(name) ?? [] }] as const),
    )
    const published = new Set<string>()
    for (const name of new Set([...own.keys(), ...checked.keys(), ...project.published])) {
      const found = [...(own.get(name)?.parsed.diagnostics ?? []), ...(checked.get(name) ?? [])]
      if (found.length > 0) published.add(name)
      else if (!project.published.has(name)) continue
      const source = sourceOf(name)
      if (source) this.#send(source, found, sourceOf)
      else this.#clear(name)
    }
    project.published = published
  }

  #publish(project: Project, source: Source, diagnostics: readonly Diagnostic[]): void {
    if (diagnostics.length > 0) project.published.add(source.name)
    this.#send(source, diagnostics, (name) => project.source(name))
  }

  #send(source: Source, diagnostics: readonly Diagnostic[], sourceOf: (name: string) => Source | undefined): void {
    const found = JSON.stringify(diagnostics)
    const shown = this.#shown.get(source.name)
    if (shown?.source === source && shown.found === found) return
    this.#shown.set(source.name, { source, found })
    const published = diagnostics.map((each) => toLspDiagnostic(each, source, sourceOf))
    this.#options.publish({ uri: source.document.uri, diagnostics: published })
  }

  #clear(name: string): void {
    this.#shown.delete(name)
    this.#options.publish({ uri: uriOf(name), diagnostics: [] })
  }
}
