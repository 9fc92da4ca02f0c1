import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LoaderError } from '../loader-error.ts'
import type { PackedFile } from './write-archive.ts'

const documents = ['README.md', 'CHANGELOG.md', 'LICENSE']
/** Folders of which the configurations travel with the module. */
const configFolders = ['examples', 'tests']
/** More than any module has; a wrong folder is noticed instead of packed. */
const filesMax = 1000

/** Everything of a module that is not code: its documents, its config components, its examples. */
export async function moduleFiles(moduleDir: string, configs: readonly string[]): Promise<PackedFile[]> {
  const present = new Set(await readdir(moduleDir))
  const paths = documents.filter((name) => present.has(name))
  for (const config of configs) {
    if (!present.has(config)) {
      throw new LoaderError({
        code: 'module-source-invalid',
        message: `Cannot pack the module: module.ts names config "${config}", and there is no such file beside it`,
      })
    }
    paths.push(config)
  }
  for (const folder of configFolders.filter((name) => present.has(name))) {
    const names = await readdir(join(moduleDir, folder))
    paths.push(...names.filter((name) => name.endsWith('.alloy')).map((name) => `${folder}/${name}`))
  }
  if (paths.length > filesMax) {
    throw new LoaderError({
      code: 'module-source-invalid',
      message: `Cannot pack the module: found ${paths.length} files, want at most ${filesMax}`,
    })
  }
  return Promise.all(paths.map(async (path) => ({ path, bytes: await readFile(join(moduleDir, path)) })))
}
