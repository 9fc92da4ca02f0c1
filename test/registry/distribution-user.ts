import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addModule, defaultPolicy, ModuleCache, resolveImports } from '@ingot/loader'
import type { Lockfile } from '@ingot/manifest'
import { onTestFinished } from 'vitest'

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ingot-distribution-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Somebody who takes `@acme/redact` from a registry, by its root keys, with a cache of their own. */
export async function distributionUser(root: string) {
  const cache = new ModuleCache(await temporaryFolder())
  const request = { file: 'main.alloy', namespace: 'redact', module: '@acme/redact', version: '^1.0.0' }
  const registriesAt = (url: string) => [
    { name: 'acme', url, scopes: ['@acme'], root, policy: { ...defaultPolicy, minReleaseAgeMs: 0 } },
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
