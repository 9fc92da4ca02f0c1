/** Packs one module folder into the cache. Its own process, because packing runs the module's code and control runs none. */
import { writeFile } from 'node:fs/promises'
import { ModuleCache } from '../cache/module-cache.ts'
import { LoaderError, type LoaderProblem } from '../loader-error.ts'
import type { AuthorPackages } from './bundle-entry.ts'
import { packModule } from './pack-module.ts'

/** What is to be done: the program's one argument, as JSON. */
export interface PackTask {
  readonly moduleDir: string
  readonly cacheDir: string
  readonly packages: AuthorPackages
  /** Where to write the answer: standard output belongs to the code that is packed. */
  readonly answerFile: string
}
export type PackAnswer =
  | { readonly integrity: string }
  | { readonly problems: readonly [LoaderProblem, ...LoaderProblem[]] }

async function pack({ moduleDir, cacheDir, packages }: PackTask): Promise<PackAnswer> {
  try {
    const { archive } = await packModule(moduleDir, { packages })
    return { integrity: (await new ModuleCache(cacheDir).add(archive)).integrity }
  } catch (error) {
    if (error instanceof LoaderError) return { problems: error.problems }
    throw error
  }
}

if (import.meta.main) {
  const task = JSON.parse(process.argv[2]!) as PackTask
  await writeFile(task.answerFile, JSON.stringify(await pack(task)))
}
