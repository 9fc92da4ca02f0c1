import { readdir, stat } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { CachedModule, ModuleCache } from '../cache/module-cache.ts'
import { gatherProblems } from '../loader-error.ts'
import { packerHash, packFolder, type PackProgress } from '../pack/pack-folder.ts'

/** Module folders of a checkout, each packed into the cache unless its sources are the ones packed before. */
export async function packSources(
  root: string,
  folders: readonly string[],
  cache: ModuleCache,
  onProgress: (progress: PackProgress) => void,
): Promise<CachedModule[]> {
  const packer = await packerHash(root)
  const started = new Map<string, Promise<CachedModule>>()
  const waiting = [...folders]
  const work = async (): Promise<void> => {
    for (let folder = waiting.shift(); folder !== undefined; folder = waiting.shift()) {
      const packing = packFolder(join(root, folder), { cache, packer, shown: folder, onProgress })
      started.set(folder, packing)
      // Its failure is gathered below with those of the others.
      await packing.catch(() => undefined)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return gatherProblems(folders, (folder) => started.get(folder)!)
}

/** Folders under modules/ that are modules; the others are not yet, or hold none. */
export async function moduleFolders(root: string): Promise<string[]> {
  const names = await readdir(join(root, 'modules'))
  const folders: string[] = []
  for (const name of names.sort()) {
    const isModule = await stat(join(root, 'modules', name, 'module.ts')).then(
      (found) => found.isFile(),
      () => false,
    )
    if (isModule) folders.push(join('modules', name))
  }
  return folders
}
