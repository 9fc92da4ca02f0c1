/** Packs one module folder into the cache. Its own process, because packing runs the module's code and control runs none. */
import { writeFile } from 'node:fs/promises'
import { ModuleCache } from '../cache/module-cache.ts'
import { LoaderError, type LoaderProblem } from '../loader-error.ts'
import { packModule } from '../pack/pack-module.ts'

/** What is written to the answer file: standard output belongs to the code that is packed. */
export type PackAnswer =
  | { readonly integrity: string }
  | { readonly problems: readonly [LoaderProblem, ...LoaderProblem[]] }

const [moduleDir, cacheDir, answerFile] = process.argv.slice(2)

async function pack(): Promise<PackAnswer> {
  try {
    const { archive } = await packModule(moduleDir!)
    return { integrity: (await new ModuleCache(cacheDir!).add(archive)).integrity }
  } catch (error) {
    if (error instanceof LoaderError) return { problems: error.problems }
    throw error
  }
}

if (import.meta.main) await writeFile(answerFile!, JSON.stringify(await pack()))
