import { isBuiltin } from 'node:module'
import { dirname, relative } from 'node:path'
import type { OutputChunk, Plugin } from 'rolldown'
import { LoaderError } from '../loader-error.ts'

export type ModuleKind = 'portable' | 'native'

/** Import specifier → file: where a module that lies outside of any workspace finds the SDK it is written against. */
export type AuthorPackages = Readonly<Record<string, string>>

export interface BundleOptions {
  /** Folder of the module: paths in messages are relative to it. */
  readonly moduleDir: string
  readonly kind: ModuleKind
  readonly packages: AuthorPackages
}

/** The text of one ES module that imports nothing (in native modules: only built-in ones). The same input gives the same bytes. */
export async function bundleEntry(entryFile: string, options: BundleOptions): Promise<string> {
  const chunk = await build(entryFile, options)
  const imports = [...chunk.imports, ...chunk.dynamicImports]
  const foreign = options.kind === 'portable' ? imports : imports.filter((name) => !isBuiltin(name))
  if (foreign.length > 0) {
    throw new LoaderError({
      code: 'import-unresolved',
      message: `Cannot bundle "${shown(entryFile, options)}": found import of ${foreign.map((name) => `"${name}"`).join(', ')} left over, want none`,
    })
  }
  return chunk.code
}

async function build(entryFile: string, options: BundleOptions): Promise<OutputChunk> {
  // Loaded only to pack: a collector that has nothing to pack does not pay for it.
  const { rolldown } = await import('rolldown')
  try {
    const bundle = await rolldown({
      input: entryFile,
      cwd: options.moduleDir,
      // Node's own names are handled by the plugin; "neutral" keeps every other platform's out.
      platform: 'neutral',
      resolve: { mainFields: ['module', 'main'], conditionNames: ['import', 'default'] },
      tsconfig: false,
      logLevel: 'silent',
      external: [],
      treeshake: true,
      experimental: { attachDebugInfo: 'none' },
      plugins: [builtinImports(options), authorPackages(options.packages)],
    })
    try {
      const { output } = await bundle.generate({ format: 'esm', codeSplitting: false, comments: false, minify: false })
      return output[0]
    } finally {
      await bundle.close()
    }
  } catch (error) {
    throw asLoaderError(error, entryFile, options)
  }
}

/** A portable module must not import what Node.js brings: in a runner there is none of it. */
function builtinImports(options: BundleOptions): Plugin {
  return {
    name: 'builtin-imports',
    resolveId(specifier, importer) {
      if (!isBuiltin(specifier)) return null
      if (options.kind === 'native') return { id: specifier, external: true }
      throw new LoaderError({
        code: 'native-import',
        message: `Cannot pack "${importer ? shown(importer, options) : specifier}" as a portable module: found import of "${specifier}", want none of Node.js' own modules`,
        hint: `use what the component's env offers instead, or declare kind: 'native' in module.ts`,
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

function shown(file: string, options: BundleOptions): string {
  return relative(dirname(options.moduleDir), file)
}
