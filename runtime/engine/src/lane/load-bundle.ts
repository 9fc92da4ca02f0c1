import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import type { ComponentCode } from './protocol.ts'

/** What has been loaded, by path and digest. Node.js keeps modules for as long as the thread runs, and so does this. */
const loaded = new Map<string, Promise<{ readonly default: unknown }>>()

/** A bundle is read and its digest checked once, before any of it runs: whoever uses it shares the module that came of it. */
export async function loadBundle<T>(code: ComponentCode): Promise<{ readonly default: T }> {
  const key = `${code.sha256} ${code.bundlePath}`
  let loading = loaded.get(key)
  if (!loading) {
    loading = verified(code)
    loaded.set(key, loading)
    loading.catch(() => loaded.delete(key))
  }
  return loading as Promise<{ readonly default: T }>
}

/** Node.js caches by URL, and the path carries the content's digest. */
async function verified({ bundlePath, sha256, id }: ComponentCode): Promise<{ readonly default: unknown }> {
  const found = createHash('sha256')
    .update(await readFile(bundlePath))
    .digest('hex')
  if (found !== sha256) throw new Error(`Cannot run ${id}: its code has the digest ${found}, want ${sha256}`)
  return (await import(pathToFileURL(bundlePath).href)) as { readonly default: unknown }
}
