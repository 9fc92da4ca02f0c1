import type { EvaluatedBlock, ImportNode, LoadedImport } from '@ingot/graph'
import {
  folderImport,
  LoaderError,
  ModuleCache,
  vendorDirName,
  readLock,
  resolveImports,
  type CachedModule,
  type ImportedModule,
  type ImportRequest,
  type LoadedComponent,
  type TrustedKeys,
} from '@ingot/loader'
import { moduleKey, type LockedModule, type LockedSource, type Lockfile } from '@ingot/manifest'
import { Secret } from '@ingot/sdk'
import { diagnose, parse, position, type Diagnostic, type ObjectValue, type SourceFile, type Span } from '@ingot/syntax'
import { createHash } from 'node:crypto'
import { join, relative, resolve } from 'node:path'
import { type EmbeddedText, embeddedText } from './at-literals.ts'
import type { ConfigBlock } from './config-blocks.ts'
import {
  functionValues,
  importedFunctions,
  type FunctionSettings,
  type ImportedFunctions,
} from './functions/module-functions.ts'
import { loadRemote } from './imports/load-remote.ts'
import type { RemoteImports, UsedRemote } from './imports/remote-imports.ts'
import type { PinnedSet, WatchedRegistry } from './module-watch.ts'
import { readConfigBlock } from './read-config-block.ts'
import { folderOf, readSources } from './read-sources.ts'
import { sourcesDigest, type WatchedImport } from './watch-imports.ts'

/** An import of code, with what the user grants it. */
export interface CodeImport {
  readonly module: ImportedModule
  readonly grant: Readonly<Record<string, readonly string[]>>
  readonly limits: ConfigBlock<'import.module'>['limits']
  readonly onQuarantine: ConfigBlock<'import.module'>['on_quarantine']
  readonly isolation: ConfigBlock<'import.module'>['isolation']
}

export interface ImportLoaderOptions {
  /** As the user named it. */
  readonly configPath: string
  /** Folder of the root configuration, where `ingot.lock` lies. */
  readonly configDir: string
  readonly cacheDir: string
  readonly registries: readonly WatchedRegistry[]
  readonly trust?: TrustedKeys
  readonly remotes: RemoteImports
  /** Only what the lockfile pins is loaded from elsewhere. */
  readonly frozen: boolean
  /** No registry is asked. */
  readonly offline: boolean
  /** Modules by name that stand in for what the lock pins. */
  readonly modules?: ReadonlyMap<string, CachedModule>
  readonly settings: FunctionSettings
}

/** Loads what import blocks name, and remembers sources (for printing diagnostics) and the code components they bring. */
export class ImportLoader {
  readonly #options: ImportLoaderOptions
  readonly sources = new Map<string, string>()
  /** Of those, the texts of `import.string` blocks. */
  readonly embedded = new Map<string, EmbeddedText>()
  readonly diagnostics: Diagnostic[] = []
  /** The files and folders that were read. */
  readonly watched: WatchedImport[] = []
  /** The imports from elsewhere, and what was found there, by their keys in the lockfile. */
  readonly remotes: UsedRemote[] = []
  readonly found = new Map<string, LockedSource>()
  /** Key of a code component in the graph → the component and its import. */
  readonly components = new Map<string, { readonly loaded: LoadedComponent; readonly from: CodeImport }>()
  /** Import → the functions that it brings. */
  readonly functions = new Map<string, ImportedFunctions>()
  /** File of a config component → the module that it came with. */
  readonly #modules = new Map<string, { readonly key: string; readonly from: CodeImport }>()

  /** Module → how the lock pins it. */
  readonly #pins = new Map<string, LockedModule>()
  #lockedRegistries: Lockfile['registries'] = {}

  constructor(options: ImportLoaderOptions) {
    this.#options = options
  }

  /** What was loaded of registries, by the lock as it was then. */
  get pinned(): PinnedSet {
    const pins = { registries: this.#lockedRegistries, imports: {}, modules: Object.fromEntries(this.#pins) }
    return { lock: { lockfileVersion: 1, ...pins }, registries: this.#options.registries }
  }

  /** @param root the file of the configuration that the import came by */
  async load(node: ImportNode, block: EvaluatedBlock, root = node.file): Promise<LoadedImport> {
    // What a component has yet to export is loaded once it has: until then the names are not known.
    if (block.attributes.some(({ provisional, value: known }) => provisional || known === undefined))
      return { kind: 'failed' }
    switch (node.name) {
      case 'import.file':
        return this.#file(node, block)
      case 'import.string':
        return this.#string(node, block)
      case 'import.git':
      case 'import.http':
        return this.#remote(node, block, root)
      default:
        return this.#module(node, block)
    }
  }

  async #file(node: ImportNode, block: EvaluatedBlock): Promise<LoadedImport> {
    const { value, diagnostics } = readConfigBlock('import.file', block)
    this.diagnostics.push(...diagnostics)
    if (!value) return { kind: 'failed' }
    if (/^https?:/i.test(node.scope.modulePath)) {
      const message = `Cannot use import.file "${node.label ?? ''}" here: what comes from a web server has no folder`
      const advice = 'use import.http, or import.git for several files'
      this.diagnostics.push(diagnose('misplaced-block', place(node), message, { advice }))
      return { kind: 'failed' }
    }
    try {
      const { filename, detector, poll_frequency: pollMs } = value
      const texts = await readSources(filename)
      this.watched.push({ id: node.id, path: filename, detector, pollMs, digest: sourcesDigest(texts) })
      this.diagnostics.push(...texts.flatMap(({ diagnostics: found }) => found))
      const files = texts.map(({ name, text }) => this.#parse(name, text))
      return { kind: 'files', files, modulePath: folderOf(filename, texts) }
    } catch (error) {
      return this.#fail(node, 'unreadable-file', (error as Error).message)
    }
  }

  async #string(node: ImportNode, block: EvaluatedBlock): Promise<LoadedImport> {
    const { value, diagnostics } = readConfigBlock('import.string', block)
    this.diagnostics.push(...diagnostics)
    if (!value) return { kind: 'failed' }
    const { content: text } = value
    const name = `${node.id} content`
    if (text instanceof Secret) {
      return { kind: 'files', files: [this.#parseSecret(name, text)], modulePath: node.scope.modulePath }
    }
    const { expression } = block.attributes.find((each) => each.name === 'content')!
    this.embedded.set(name, embeddedText(node.file, expression, text))
    return { kind: 'files', files: [this.#parse(name, text)], modulePath: node.scope.modulePath }
  }

  async #remote(node: ImportNode, block: EvaluatedBlock, root: string): Promise<LoadedImport> {
    const { diagnostics, content, used, key } = await loadRemote({ node, block, root }, this.#options)
    this.diagnostics.push(...diagnostics)
    if (!content) return { kind: 'failed' }
    this.remotes.push(used!)
    this.found.set(key!, content.found)
    this.diagnostics.push(...content.texts.flatMap(({ diagnostics: found }) => found))
    const files = content.texts.map(({ name, text }) => this.#parse(name, text))
    return { kind: 'files', files, modulePath: content.modulePath }
  }

  async #module(node: ImportNode, block: EvaluatedBlock): Promise<LoadedImport> {
    const { value, diagnostics } = readConfigBlock('import.module', block)
    this.diagnostics.push(...diagnostics)
    if (!value) return { kind: 'failed' }
    const { configDir, registries, modules: standIns } = this.#options
    const file = relative(configDir, resolve(node.file)).replaceAll('\\', '/')
    const parent = this.#modules.get(node.file)
    const request: ImportRequest = {
      file,
      namespace: node.label ?? '',
      module: value.module,
      version: value.version,
      ...(parent && { parent: parent.key }),
    }
    try {
      const standIn = standIns?.get(value.module)
      const module = standIn ? folderImport(request, standIn) : await this.#pinned(request, registries)
      if (module.revoked !== undefined) this.diagnostics.push(revokedWarning(node, module))
      const { grant = {}, limits, on_quarantine: onQuarantine, isolation } = value
      // Only the people who run a collector grant: what a module's author writes about its dependencies counts for nothing.
      const from = parent ? { ...parent.from, module } : { module, grant, limits, onQuarantine, isolation }
      return await this.#adopt(node, module, from)
    } catch (error) {
      if (!(error instanceof LoaderError)) throw error
      for (const { code, message, hint } of error.problems) {
        const name = code === 'lock-disagrees' || code === 'lock-missing' ? 'lock-mismatch' : 'unresolved-module'
        this.diagnostics.push({ ...diagnose(name, place(node), message), ...(hint !== undefined && { hint }) })
      }
      return { kind: 'failed' }
    }
  }

  async #pinned(request: ImportRequest, registries: readonly WatchedRegistry[]): Promise<ImportedModule> {
    const { configDir, cacheDir, trust, offline } = this.#options
    const lock = await readLock(join(configDir, 'ingot.lock'))
    const modules = await resolveImports({
      imports: [request],
      registries,
      lock,
      cache: new ModuleCache(cacheDir),
      vendorDir: join(configDir, vendorDirName),
      offline,
      ...(trust && { trust }),
    })
    const module = [...modules.values()][0]!
    const key = moduleKey(module.manifest.name, module.manifest.version)
    this.#pins.set(key, lock!.modules[key]!)
    this.#lockedRegistries = lock!.registries
    return module
  }

  async #adopt(node: ImportNode, module: ImportedModule, from: CodeImport): Promise<LoadedImport> {
    const components = new Map<string, string>()
    for (const loaded of module.components) {
      const key = `${module.manifest.name}@${module.manifest.version}#${createHash('sha256')
        .update(JSON.stringify([module.request, loaded.component.name]))
        .digest('hex')
        .slice(0, 16)}`
      components.set(loaded.component.name, key)
      this.components.set(key, { loaded, from })
    }
    const texts = await Promise.all(module.manifest.configs.map((config) => readSources(join(module.dir, config))))
    const key = moduleKey(module.manifest.name, module.manifest.version)
    const files = texts.flat().map(({ name, text }) => {
      this.#modules.set(name, { key, from: { ...from, grant: commonGrant(from.grant, this.#modules.get(name)?.from) } })
      return this.#parse(name, text)
    })
    const functions = this.#bringFunctions(node, module, from)
    return { kind: 'module', components, ...(functions && { functions }), files, modulePath: module.dir }
  }

  #bringFunctions(
    { id, label = '' }: ImportNode,
    module: ImportedModule,
    { limits }: CodeImport,
  ): ObjectValue | undefined {
    if (!module.functions) return undefined
    const imported = importedFunctions(id, module.functions, limits, this.#options.settings)
    this.functions.set(id, imported)
    return functionValues(label, imported, this.#options.settings)
  }

  #parse(name: string, text: string): SourceFile {
    const { file, diagnostics } = parse(name, text)
    this.sources.set(name, text)
    this.diagnostics.push(...diagnostics)
    return file
  }

  /** What is wrong with a secret text may quote it, and so would an excerpt: only the place is told. */
  #parseSecret(name: string, content: Secret): SourceFile {
    const text = content.reveal()
    const { file, diagnostics } = parse(name, text)
    for (const { severity, code, span } of diagnostics) {
      const { line, column } = position(text, span!.start)
      const message = `Cannot read the content, which is a secret: line ${line}, column ${column} has a mistake`
      this.diagnostics.push({ severity, code, message, file: name })
    }
    return file
  }

  #fail(node: ImportNode, code: 'unreadable-file', message: string): LoadedImport {
    this.diagnostics.push(diagnose(code, place(node), message))
    return { kind: 'failed' }
  }
}

/** What a module's dependencies may do where several imports bring the same module: what each of them grants. */
function commonGrant(grant: CodeImport['grant'], other: CodeImport | undefined): CodeImport['grant'] {
  if (!other) return grant
  const common = Object.entries(grant).map(([name, values]) => {
    return [name, values.filter((value) => (other.grant[name] ?? []).includes(value))] as const
  })
  return Object.fromEntries(common)
}

function revokedWarning(node: ImportNode, { manifest, revoked }: ImportedModule): Diagnostic {
  const module = moduleKey(manifest.name, manifest.version)
  return diagnose('revoked-module', place(node), `the key that vouched for "${module}" was revoked: ${revoked}`)
}

function place(node: ImportNode): { readonly file: string; readonly span: Span } {
  return { file: node.file, span: node.block.head }
}
