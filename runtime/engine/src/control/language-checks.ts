import { validate, type Formats, type Validated } from '@ingot/check'
import type { LoadedImport } from '@ingot/graph'
import type { ComponentManifest, JsonSchema } from '@ingot/manifest'
import type { Distribution } from '@ingot/loader'
import type { ObjectValue, SourceFile } from '@ingot/syntax'
import { dirname, resolve } from 'node:path'
import { componentOf } from './component-of.ts'
import { configBlockSchemas } from './config-blocks.ts'
import { languageGlobals } from './language-host.ts'
import { plannedComponents, registriesOf } from './load-configuration.ts'
import { RemoteImports } from './imports/remote-imports.ts'
import { ImportLoader } from './load-imports.ts'
import { valueFormats } from './value-formats.ts'

export interface LanguageChecksOptions {
  readonly distribution: Distribution
  readonly cacheDir: string
  readonly stabilityLevel: ComponentManifest['stability']
}

/** The steps of checking a configuration, for who holds its texts itself: an editor. Nothing of it runs. */
export class LanguageChecks {
  readonly configSchemas: ReadonlyMap<string, JsonSchema> = new Map(Object.entries(configBlockSchemas))
  readonly globals: ObjectValue = languageGlobals()
  readonly formats: Formats = valueFormats
  readonly #options: LanguageChecksOptions
  readonly #components: ReadonlySet<string>

  constructor(options: LanguageChecksOptions) {
    this.#options = options
    this.#components = new Set(options.distribution.components().map(({ name }) => name))
  }

  /** @param path of the configuration's first file */
  validate(
    path: string,
    files: readonly SourceFile[],
    imports: ReadonlyMap<string, LoadedImport>,
    loader: ImportLoader,
  ): Validated {
    const { distribution, stabilityLevel } = this.#options
    return validate({
      files,
      modulePath: dirname(resolve(path)),
      components: this.#components,
      manifest: (component) => componentOf(component, distribution, loader)?.component,
      configSchemas: this.configSchemas,
      globals: this.globals,
      planned: plannedComponents(),
      stability: stabilityLevel,
      community: false,
      advice: true,
      formats: this.formats,
      imports,
    })
  }

  /** @param validated what is known of the configuration before anything is imported: its registries are in it */
  importLoader(path: string, validated?: Validated): ImportLoader {
    const registries = validated ? registriesOf(validated) : []
    const { cacheDir } = this.#options
    // An address that is still being typed is nobody's to ask: what was fetched earlier has to do.
    const remotes = new RemoteImports({ cacheDir, offline: true })
    return new ImportLoader({ configDir: dirname(resolve(path)), cacheDir, registries, remotes, frozen: false })
  }
}
