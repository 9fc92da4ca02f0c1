import type { ConfigurationCheck } from '@ingot/editor'
import { LanguageChecks, type LanguageChecksOptions } from '@ingot/engine'
import { defaultCacheDir, prepareDistribution, type Distribution } from '@ingot/loader'
import type { LoadedImport } from '@ingot/graph'
import { dirname, isAbsolute, resolve } from 'node:path'
import { checkoutRoot } from '../checkout.ts'
import { showPacking } from '../show-packing.ts'

export type ThreadOptions = Pick<LanguageChecksOptions, 'stabilityLevel' | 'communityComponents'>

export interface OpenChecks {
  readonly distribution: Distribution
  readonly checks: LanguageChecks
  readonly check: ConfigurationCheck
}

/** Opens the distribution, and what checks configurations with it. */
export async function openChecks(options: ThreadOptions): Promise<OpenChecks> {
  const root = checkoutRoot()
  const cacheDir = defaultCacheDir(root)
  const distribution = await prepareDistribution({ root, cacheDir, onProgress: showPacking })
  const checks = new LanguageChecks({ distribution, cacheDir, ...options })
  const check: ConfigurationCheck = async ({ files, syntaxMistakes, current }) => {
    const folder = dirname(resolve(files[0]!.name))
    const input = {
      files,
      folder,
      syntaxMistakes,
      current: (loaded: LoadedImport) => current(withAbsoluteNames(loaded)),
    }
    const { diagnostics, imports, loaded } = await checks.check(input)
    return {
      diagnostics: diagnostics.map((each) => ({ ...each, file: absolute(each.file) })),
      imports: loaded,
      component: (key) => imports.components.get(key)?.loaded.component,
      functions: ({ id }) => imports.functions.get(id)?.loaded.functions ?? [],
    }
  }
  return { distribution, checks, check }
}

/** Imported files by their absolute paths, as the editor knows them. */
function withAbsoluteNames(loaded: LoadedImport): LoadedImport {
  if (loaded.kind === 'failed') return loaded
  return { ...loaded, files: loaded.files.map((file) => ({ ...file, name: absolute(file.name) })) }
}

/** What an `import.string` or `import.http` brings has a name that is no path. */
function absolute(name: string): string {
  return isAbsolute(name) || URL.canParse(name) || !name.endsWith('.alloy') ? name : resolve(name)
}
