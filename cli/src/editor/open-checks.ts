import type { CheckSteps, ImportSource } from '@ingot/editor'
import { LanguageChecks } from '@ingot/engine'
import { defaultCacheDir, prepareDistribution, type Distribution } from '@ingot/loader'
import type { LoadedImport } from '@ingot/graph'
import type { Diagnostic } from '@ingot/syntax'
import { isAbsolute, resolve } from 'node:path'
import { checkoutRoot } from '../checkout.ts'
import { showPacking } from '../show-packing.ts'

export interface ThreadOptions {
  /** Least stability of what may be used. */
  readonly stabilityLevel: 'experimental' | 'public-preview' | 'generally-available'
}

export interface OpenChecks {
  readonly distribution: Distribution
  readonly checks: LanguageChecks
  readonly steps: CheckSteps
}

/** Opens the distribution, and what checks configurations with it. */
export async function openChecks({ stabilityLevel }: ThreadOptions): Promise<OpenChecks> {
  const root = checkoutRoot()
  const cacheDir = defaultCacheDir(root)
  const distribution = await prepareDistribution({ root, cacheDir, onProgress: showPacking })
  const checks = new LanguageChecks({ distribution, cacheDir, stabilityLevel })
  const steps: CheckSteps = {
    validate: (name, files, imports, source) => {
      const loader = source instanceof LoadedSource ? source.loader : checks.importLoader(name)
      return checks.validate(name, files, imports, loader)
    },
    imports: (name, first) => new LoadedSource(checks.importLoader(name, first)),
  }
  return { distribution, checks, steps }
}

type Loader = ReturnType<LanguageChecks['importLoader']>

/** Imported files by their absolute paths, as the editor knows them. */
class LoadedSource implements ImportSource {
  readonly loader: Loader

  constructor(loader: Loader) {
    this.loader = loader
  }

  async load(...[node, block]: Parameters<ImportSource['load']>): Promise<LoadedImport> {
    const loaded = await this.loader.load(node, block)
    if (loaded.kind === 'failed') return loaded
    return { ...loaded, files: loaded.files.map((file) => ({ ...file, name: this.#absolute(file.name) })) }
  }

  component(key: string) {
    return this.loader.components.get(key)?.loaded.component
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.loader.diagnostics.map((each) => ({ ...each, file: this.#absolute(each.file) }))
  }

  /** The text of an `import.string` has a name that is no path. */
  #absolute(name: string): string {
    return isAbsolute(name) || !name.endsWith('.alloy') ? name : resolve(name)
  }
}
