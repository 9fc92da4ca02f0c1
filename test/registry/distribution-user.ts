import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addModule, defaultPolicy, ModuleCache, resolveImports } from '@ingot/loader'
import { scopeOf, type Lockfile } from '@ingot/manifest'
import { onTestFinished } from 'vitest'

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-distribution-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

export interface UserOptions {
  readonly module?: string
  /** What a registry is shown that not everybody may read. */
  readonly token?: string
}

/** Somebody who takes a module from a registry, by its root keys, with a cache of their own. */
export async function distributionUser(root: string, { module = '@acme/redact', token }: UserOptions = {}) {
  const cache = new ModuleCache(await temporaryFolder())
  const request = { file: 'main.alloy', namespace: 'redact', module, version: '^1.0.0' }
  const registriesAt = (url: string) => [
    {
      name: 'acme',
      url,
      scopes: [scopeOf(module)],
      root,
      policy: { ...defaultPolicy, minReleaseAgeMs: 0 },
      ...(token !== undefined && { token }),
    },
  ]
  return {
    add: (url: string, lock?: Lockfile) => addModule({ ...request, registries: registriesAt(url), lock, cache }),
    /** With an empty cache: everything is fetched and verified. */
    start: async (url: string, lock: Lockfile) =>
      resolveImports({
        imports: [request],
        registries: registriesAt(url),
        lock: { ...lock, registries: { acme: { ...lock.registries['acme']!, url } } },
        cache: new ModuleCache(await temporaryFolder()),
      }),
  }
}
