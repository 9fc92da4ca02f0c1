import { isBuiltin } from 'node:module'
import { dirname, relative } from 'node:path'
import type { OutputChunk, Plugin } from 'rolldown'
import { LoaderError } from '../loader-error.ts'
import { importChain } from './import-chain.ts'
import { ownSourceMap, type SourceMap } from './own-source-map.ts'

export type ModuleKind = 'portable' | 'native'

/** Import specifier → file: where a module that lies outside of any workspace finds the SDK it is written against. */
export type AuthorPackages = Readonly<Record<string, string>>

export interface BundleOptions {
  /** Folder of the module: paths in messages are relative to it. */
  readonly moduleDir: string
  readonly kind: ModuleKind
  readonly packages: AuthorPackages
}

export interface Bundle {
  readonly code: string
  /** From the code to the module's own sources, by paths below its folder. */
  readonly map: SourceMap
}

/**
 * One ES module that imports nothing (in native modules: only built-in ones). The same input gives the same bytes.
 * @param text of the entry, where there is no such file
 */
export async function bundleEntry(entryFile: string, options: BundleOptions, text?: string): Promise<Bundle> {
  const chunk = await build(entryFile, options, text)
  const imports = [...chunk.imports, ...chunk.dynamicImports]
  const foreign = options.kind === 'portable' ? imports : imports.filter((name) => !isBuiltin(name))
  if (foreign.length > 0) {
    throw new LoaderError({
      code: 'import-unresolved',
      message: `Cannot bundle "${shown(entryFile, options)}": found import of ${foreign.map((name) => `"${name}"`).join(', ')} left over, want none`,
    })
  }
  return { code: chunk.code, map: ownSourceMap(chunk.map!, options.moduleDir) }
}

async function build(entryFile: string, options: BundleOptions, text: string | undefined): Promise<OutputChunk> {
  // Loaded only to pack: a collector that has nothing to pack does not pay for it.
  const { rolldown } = await import('rolldown')
  try {
    const bundle = await rolldown({
      input: entryFile,
      cwd: options.moduleDir,
      // Node's own names are handled by the plugin; "neutral" keeps every other platform's out.
      platform: 'neutral',
      resolve: {
        mainFields: ['module', 'main'],
        conditionNames: ['import', 'default'],
        // What a package leaves out or replaces in browsers, it does without in an isolate too.
        aliasFields: options.kind === 'portable' ? [['browser']] : [],
      },
      tsconfig: false,
      logLevel: 'silent',
      external: [],
      treeshake: true,
      experimental: { attachDebugInfo: 'none' },
      plugins: [
        ...(text === undefined ? [] : [givenEntry(entryFile, text)]),
        builtinImports(options),
        authorPackages(options.packages),
      ],
    })
    try {
      const { output } = await bundle.generate({
        format: 'esm',
        codeSplitting: false,
        comments: false,
        minify: false,
        sourcemap: 'hidden',
        dir: options.moduleDir,
      })
      return output[0]
    } finally {
      await bundle.close()
    }
  } catch (error) {
    throw asLoaderError(error, entryFile, options)
  }
}

function givenEntry(file: string, text: string): Plugin {
  return {
    name: 'given-entry',
    resolveId: (specifier) => (specifier === file ? { id: file } : null),
    load: (id) => (id === file ? text : null),
  }
}

/** A portable module must not import what Node.js brings: in a runner there is none of it. */
function builtinImports(options: BundleOptions): Plugin {
  let found: { readonly specifier: string; readonly importer: string | undefined } | undefined
  return {
    name: 'builtin-imports',
    async resolveId(specifier, importer, extra) {
      if (!isBuiltin(specifier)) return null
      if (options.kind === 'native') return { id: specifier, external: true }
      const replaced = await this.resolve(specifier, importer, { ...extra, skipSelf: true })
      if (replaced && !replaced.external && !isBuiltin(replaced.id)) return replaced
      found ??= { specifier, importer }
      return { id: specifier, external: true }
    },
    // Who imports whom is known once everything is read.
    buildEnd() {
      if (!found) return
      const chain = importChain(found.importer, (id) => this.getModuleInfo(id)?.importers[0])
      const by = chain.length > 1 ? `, by way of ${chain.map((file) => shown(file, options)).join(' → ')}` : ''
      throw new LoaderError({
        code: 'native-import',
        message: `Cannot pack "${shown(chain[0] ?? found.specifier, options)}" as a portable module: found import of "${found.specifier}"${by}, want none of Node.js' own modules`,
        hint: `use what the component's env offers or a package that needs no Node.js, or declare kind: 'native' in module.ts`,
      })
    },
  }
}

/** The module's own packages come first; what they lack is taken from the SDK that packs. */
function authorPackages(packages: AuthorPackages): Plugin {
  return {
    name: 'author-packages',
    async resolveId(specifier, importer, extra) {
      const file = packages[specifier]
      if (file === undefined) return null
      const own = await this.resolve(specifier, importer, { ...extra, skipSelf: true })
      return own ?? { id: file }
    },
  }
}

/** The plugin's own refusals come back wrapped by the bundler, some several times. */
function asLoaderError(error: unknown, entryFile: string, options: BundleOptions): LoaderError {
  for (const candidate of causes(error)) if (candidate instanceof LoaderError) return candidate
  const message = error instanceof Error ? error.message : String(error)
  const unresolved = /Could not resolve '([^']+)'/.exec(message)?.[1]
  if (unresolved !== undefined) {
    return new LoaderError(
      {
        code: 'import-unresolved',
        message: `Cannot pack "${shown(entryFile, options)}": found import of "${unresolved}", want a package or file that can be found`,
        hint: 'install the package in the module folder, or check the path',
      },
      { cause: error },
    )
  }
  return new LoaderError(
    { code: 'bundle-failed', message: `Cannot bundle "${shown(entryFile, options)}": ${message.trim()}` },
    { cause: error },
  )
}

const causesMax = 20

function causes(error: unknown): unknown[] {
  const found: unknown[] = [error]
  for (let i = 0; i < found.length && i < causesMax; i++) {
    const { cause, errors } = (found[i] ?? {}) as { cause?: unknown; errors?: unknown }
    if (cause !== undefined) found.push(cause)
    if (Array.isArray(errors)) found.push(...(errors as unknown[]))
  }
  return found
}

/** A file of the module by its path, one of a package by the package's. */
function shown(file: string, options: BundleOptions): string {
  const inPackage = file.lastIndexOf('/node_modules/')
  return inPackage < 0 ? relative(dirname(options.moduleDir), file) : file.slice(inPackage + '/node_modules/'.length)
}
