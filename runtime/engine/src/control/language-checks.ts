import type { Validated } from '@ingot/check'
import type { LoadedImport } from '@ingot/graph'
import type { JsonSchema } from '@ingot/manifest'
import type { ObjectValue, SourceFile } from '@ingot/syntax'
import { atLiterals } from './at-literals.ts'
import {
  checkConfiguration,
  type CheckedConfiguration,
  type CheckInput,
  type CheckSettings,
  validateWith,
} from './check-configuration.ts'
import { configBlockSchemas } from './config-blocks.ts'
import { RemoteImports } from './imports/remote-imports.ts'
import { languageGlobals } from './language-host.ts'

export type LanguageChecksOptions = Pick<
  CheckSettings,
  'distribution' | 'cacheDir' | 'stabilityLevel' | 'communityComponents'
>

/** Checks of configurations, for who holds their texts: an editor. */
export class LanguageChecks {
  readonly configSchemas: ReadonlyMap<string, JsonSchema> = new Map(Object.entries(configBlockSchemas))
  readonly globals: ObjectValue = languageGlobals()
  readonly #options: LanguageChecksOptions

  constructor(options: LanguageChecksOptions) {
    this.#options = options
  }

  /** One pass without what imports bring: where they are needed, the answer says so. */
  validate(files: readonly SourceFile[], folder: string, imports: ReadonlyMap<string, LoadedImport>): Validated {
    return validateWith(files, folder, imports, { components: new Map() }, { ...this.#options, advice: true })
  }

  async check(input: CheckInput): Promise<CheckedConfiguration> {
    // An address that is still being typed is nobody's to ask: what was fetched earlier has to do.
    const remotes = new RemoteImports({ cacheDir: this.#options.cacheDir, offline: true })
    try {
      const checked = await checkConfiguration(input, { ...this.#options, advice: true, remotes })
      return { ...checked, diagnostics: atLiterals(checked.diagnostics, checked.imports.embedded, true) }
    } finally {
      await remotes.close()
    }
  }
}
