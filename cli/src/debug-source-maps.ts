import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { CachedModule } from '@ingot/loader'

interface SourceMap {
  readonly sources: readonly string[]
}

/** `data:` addresses of source maps for a debugger, by the hash of the bundle: with the files' own addresses and texts. */
export async function debugSourceMaps(module: CachedModule, folder: string): Promise<ReadonlyMap<string, string>> {
  const { components, functions } = module.manifest
  // All functions are in one bundle.
  const entries = [...components, ...functions.slice(0, 1)].map(async ({ entry, sha256 }) => {
    const map = JSON.parse(await readFile(join(module.dir, `${entry}.map`), 'utf8')) as SourceMap
    const sourcesContent = await Promise.all(map.sources.map((source) => readFile(join(folder, source), 'utf8')))
    const sources = map.sources.map((source) => pathToFileURL(join(folder, source)).href)
    const text = JSON.stringify({ ...map, sources, sourcesContent })
    return [sha256, `data:application/json;base64,${Buffer.from(text).toString('base64')}`] as const
  })
  return new Map(await Promise.all(entries))
}
