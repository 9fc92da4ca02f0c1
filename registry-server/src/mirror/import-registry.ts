import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { indexLine, scopeOf } from '@ingot/manifest'
import { parseIntegrity } from '@ingot/trust'
import { openStorage, type StorageOptions } from '../registry.ts'
import { Mirror } from './mirror.ts'
import { mirrorDir } from './mirrors.ts'
import { FolderSource } from './upstream-source.ts'

export interface ImportOptions {
  readonly name: string
  /** Fingerprint of the root keys of the registry that was exported. */
  readonly root: string
  readonly onProgress?: (module: string) => void
}

export interface ImportFigures {
  readonly modules: number
  readonly versions: number
}

/**
 * Takes the folder of an export into a registry, which serves it as a mirror. Everything is verified, without a network, by the
 * root keys that are named: keys, log, indexes, statements, bytes. Repeated with a later export it takes what is new, and
 * refuses one that does not extend what was taken before.
 * @throws at the first thing that does not hold; what was verified until then stays, and is not served before an import succeeds
 */
export async function importRegistry(
  storage: StorageOptions,
  folder: string,
  { name, root, onProgress }: ImportOptions,
): Promise<ImportFigures> {
  const { meta, close } = await openStorage(storage)
  try {
    const modules = await modulesOf(folder)
    const scopes = [...new Set(modules.map(scopeOf))]
    for (const scope of scopes) {
      if (await meta.upstreams.isLocal(scope))
        throw new Error(`Cannot import "${scope}": the registry has a scope of that name itself`)
    }
    const upstream = { name, url: null, root, scopes, minAgeMs: 0 }
    const refused: Error[] = []
    const mirror = new Mirror({
      upstream,
      source: new FolderSource(folder),
      dir: mirrorDir(storage.dataDir, name),
      isLocal: async () => false,
      onRefused: (error) => refused.push(error),
    })
    /** What would be served from before is no import of this folder. */
    const take = async (path: string): Promise<Uint8Array> => {
      const bytes = await mirror.document(path)
      if (refused[0]) throw refused[0]
      if (!bytes) throw new Error(`Cannot import the registry: found no "${path}" in "${folder}"`)
      return bytes
    }
    await take('log/checkpoint')
    let versions = 0
    for (const module of modules) {
      onProgress?.(module)
      const lines = Buffer.from(await take(`index/${module}.ndjson`))
        .toString()
        .trim()
        .split('\n')
        .slice(1)
      for (const line of lines.map((text) => indexLine.parse(JSON.parse(text)))) {
        if (line.status === 'quarantined' || line.status === 'tombstoned') continue
        await take(`m/${module}/${line.v}/bundle.json`)
        await take(`blobs/sha512/${parseIntegrity(line.integrity)!.hex}`)
        versions++
      }
    }
    await meta.upstreams.put(upstream)
    return { modules: modules.length, versions }
  } finally {
    await close()
  }
}

/** From the names of its indexes. */
async function modulesOf(folder: string): Promise<string[]> {
  const index = join(folder, 'index')
  const scopes = await readdir(index).catch((cause: unknown) => {
    throw new Error(`Cannot import the registry: found no "index" in "${folder}", want the folder of an export`, {
      cause,
    })
  })
  const modules = scopes.map(async (scope) => {
    const names = await readdir(join(index, scope))
    return names.flatMap((name) => (name.endsWith('.ndjson') ? [`${scope}/${name.slice(0, -'.ndjson'.length)}`] : []))
  })
  return (await Promise.all(modules)).flat().sort()
}
