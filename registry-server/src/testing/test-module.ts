import { createHash } from 'node:crypto'
import type { ComponentManifest, ModuleManifest } from '@ingot/manifest'
import { rawArchive, type RawEntry } from '@ingot/trust/testing'

export interface TestModule {
  readonly manifest: ModuleManifest
  readonly archive: Uint8Array
}

export interface TestModuleOptions {
  readonly name?: string
  readonly version?: string
  /** What makes two modules of one version differ. */
  readonly code?: string
  readonly description?: string
  readonly readme?: string
  readonly component?: Partial<ComponentManifest>
  /** What the manifest says otherwise, however wrong. */
  readonly manifest?: Readonly<Record<string, string>>
  /** Entries beside those that a module has. */
  readonly extra?: readonly RawEntry[]
}

/** A small module as packing would make it. */
export function testModule(options: TestModuleOptions = {}): TestModule {
  const code = options.code ?? 'export default {}'
  const component: ComponentManifest = {
    name: 'pii',
    stability: 'experimental',
    summary: 'Masks what must not be seen.',
    arguments: { type: 'object', properties: { mask: { type: 'string', default: '*' } }, additionalProperties: false },
    exports: { type: 'object', properties: {}, additionalProperties: false },
    capabilities: {},
    scaling: 'single',
    tags: [],
    entry: 'components/pii.mjs',
    sha256: createHash('sha256').update(code).digest('hex'),
    ...options.component,
  }
  const manifest: ModuleManifest = {
    manifestVersion: 1,
    name: options.name ?? '@acme/redact',
    version: options.version ?? '1.0.0',
    api: 1,
    description: options.description ?? 'Masks card numbers.',
    license: 'Apache-2.0',
    kind: 'portable',
    components: [component],
    functions: [],
    configs: [],
    dependencies: {},
    ...options.manifest,
  }
  const archive = rawArchive([
    { path: 'README.md', content: options.readme ?? '# Redact\n' },
    { path: 'components/pii.mjs', content: code },
    { path: 'module.json', content: JSON.stringify(manifest) },
    ...(options.extra ?? []),
  ])
  return { manifest, archive }
}
