import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { moduleManifest, moduleSource, type ModuleManifest } from '@ingot/manifest'
import { integrity } from '@ingot/trust'
import { z } from 'zod'
import { gatherProblems, LoaderError } from '../loader-error.ts'
import { bundleEntry, type AuthorPackages } from './bundle-entry.ts'
import { evaluateBundle } from './evaluate-bundle.ts'
import { findSource } from './find-source.ts'
import { moduleFiles } from './module-files.ts'
import { packComponent } from './pack-component.ts'
import { packFunctions } from './pack-functions.ts'
import { writeArchive, type PackedFile } from './write-archive.ts'

export interface PackOptions {
  /** Where to write `<scope>-<name>-<version>.tgz`. */
  readonly outDir?: string
  /** For modules outside of a workspace: where the SDK is found. */
  readonly packages?: AuthorPackages
}

export interface PackedModule {
  readonly manifest: ModuleManifest
  /** The `.tgz`. */
  readonly archive: Uint8Array
  /** `sha512-<base64>` of the archive. */
  readonly integrity: string
  readonly files: readonly PackedFile[]
  /** The file written, when `outDir` was given. */
  readonly path?: string
}

/**
 * Packs a module folder: `module.ts` (or `.js`) and the folders that it names become `module.json`, one bundle for
 * each component, and one for all functions. The same sources give the same bytes. Runs the author's code to read its declarations.
 * @throws LoaderError when the sources are not a module.
 */
export async function packModule(sourceDir: string, options: PackOptions = {}): Promise<PackedModule> {
  const moduleDir = resolve(sourceDir)
  const packages = options.packages ?? {}
  const source = await readModuleSource(moduleDir, packages)
  const { components: folders, functions: functionFolders, configs, ...described } = source
  const bundleOptions = { moduleDir, kind: source.kind, packages }
  const components = await gatherProblems(folders, (folder) => packComponent(folder, bundleOptions))
  const functions = await packFunctions(functionFolders, bundleOptions)
  const manifest = moduleManifest.parse({
    manifestVersion: 1,
    api: 1,
    ...described,
    components: components.map((component) => component.manifest),
    functions: functions.manifests,
    configs,
  })
  wantDistinctNames(manifest)
  const files: PackedFile[] = [
    { path: 'module.json', bytes: Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`) },
    ...components.flatMap((component) => component.files),
    ...functions.files,
    ...(await moduleFiles(moduleDir, configs)),
  ]
  const archive = await writeArchive(files)
  const packed = { manifest, archive, integrity: integrity('sha512', archive), files }
  return options.outDir === undefined ? packed : { ...packed, path: await writeTo(options.outDir, packed) }
}

async function readModuleSource(moduleDir: string, packages: AuthorPackages): Promise<z.output<typeof moduleSource>> {
  const file = await findSource(moduleDir, 'module')
  if (file === undefined) {
    throw new LoaderError({
      code: 'module-source-invalid',
      message: `Cannot pack "${moduleDir}": found no module.ts, want one whose default export describes the module`,
      hint: 'ingot module init <dir> makes a module to start from',
    })
  }
  const { code } = await bundleEntry(file, { moduleDir, kind: 'portable', packages })
  const parsed = moduleSource.safeParse(await evaluateBundle(code))
  if (parsed.success) return parsed.data
  throw new LoaderError({
    code: 'module-source-invalid',
    message: `Cannot pack "${moduleDir}": the default export of module.ts is not a module:\n${z.prettifyError(parsed.error)}`,
  })
}

function wantDistinctNames(manifest: ModuleManifest): void {
  const names = new Set<string>()
  for (const { name } of [...manifest.components, ...manifest.functions]) {
    if (names.has(name)) {
      throw new LoaderError({
        code: 'component-invalid',
        message: `Cannot pack "${manifest.name}": found two components or functions named "${name}", want distinct names`,
      })
    }
    names.add(name)
  }
}

async function writeTo(outDir: string, packed: PackedModule): Promise<string> {
  const { name, version } = packed.manifest
  const path = join(outDir, `${name.slice(1).replace('/', '-')}-${version}.tgz`)
  await mkdir(outDir, { recursive: true })
  await writeFile(path, packed.archive)
  return path
}
