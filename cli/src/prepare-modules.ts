import {
  defaultCacheDir,
  ModuleCache,
  packFolder,
  packerHash,
  prepareDistribution,
  type CachedModule,
  type Distribution,
} from '@ingot/loader'
import { authorPackages } from './author-packages.ts'
import { checkoutRoot } from './checkout.ts'
import { CommandError } from './command-error.ts'
import { showPacking } from './show-packing.ts'

export interface PreparedModules {
  readonly distribution: Distribution
  readonly cacheDir: string
  /** By name: what was packed from folders and stands in for what a lock pins. */
  readonly modules: ReadonlyMap<string, CachedModule>
}

/** The distribution, and the modules in `folders`, packed as far as their sources have changed. @throws LoaderError */
export async function prepareModules(folders: readonly string[]): Promise<PreparedModules> {
  const root = checkoutRoot()
  const cacheDir = defaultCacheDir(root)
  const distribution = await prepareDistribution({ root, cacheDir, onProgress: showPacking })
  const modules = new Map<string, CachedModule>()
  for (const folder of folders) {
    const module = await packModuleFolder(folder)
    const { name } = module.manifest
    if (modules.has(name)) throw new CommandError(`Cannot take "${name}" from "${folder}": another folder holds it too`)
    modules.set(name, module)
  }
  return { distribution, cacheDir, modules }
}

/** One module, packed as this program's own version does it. @throws LoaderError */
export async function packModuleFolder(folder: string): Promise<CachedModule> {
  const root = checkoutRoot()
  const cache = new ModuleCache(defaultCacheDir(root))
  return packFolder(folder, {
    cache,
    packages: authorPackages(),
    packer: await packerHash(root),
    onProgress: showPacking,
  })
}
