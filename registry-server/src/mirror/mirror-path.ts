import { moduleName, moduleVersion } from '@ingot/manifest'
import { parseTilePath, type Tile } from '@ingot/trust'

/** What of a registry a path means. */
export type MirrorPath =
  | { readonly kind: 'discovery' }
  | { readonly kind: 'root'; readonly version: number | undefined }
  | { readonly kind: 'checkpoint' }
  | { readonly kind: 'tile'; readonly tile: Tile }
  | { readonly kind: 'index' | 'signature' | 'holds'; readonly module: string }
  | { readonly kind: 'bundle' | 'manifest'; readonly module: string; readonly version: string }
  | { readonly kind: 'blob'; readonly sha512: string }
  | { readonly kind: 'advisories'; readonly file: 'all.ndjson' | 'all.sig' }

/** The meaning of a path below a mirror; `undefined` for everything that registries do not have. */
export function parseMirrorPath(path: string): MirrorPath | undefined {
  if (path === '.well-known/ingot.json') return { kind: 'discovery' }
  if (path === 'log/checkpoint') return { kind: 'checkpoint' }
  const root = /^keys\/(?:([1-9]\d{0,8})\.)?root\.json$/.exec(path)
  if (root) return { kind: 'root', version: root[1] === undefined ? undefined : Number(root[1]) }
  const tile = path.startsWith('log/tile/') ? parseTilePath(path.slice('log/tile/'.length)) : undefined
  if (tile) return { kind: 'tile', tile }
  const blob = /^blobs\/sha512\/([0-9a-f]{128})$/.exec(path)
  if (blob) return { kind: 'blob', sha512: blob[1]! }
  const advisories = /^advisories\/(all\.ndjson|all\.sig)$/.exec(path)
  if (advisories) return { kind: 'advisories', file: advisories[1] as 'all.ndjson' }
  return modulePath(path)
}

const indexKinds = { ndjson: 'index', sig: 'signature', 'holds.json': 'holds' } as const

function modulePath(path: string): MirrorPath | undefined {
  const [, indexed, ending] = /^index\/(@[^/]+\/[^/.]+)\.(ndjson|sig|holds\.json)$/.exec(path) ?? []
  if (indexed !== undefined && moduleName.safeParse(indexed).success)
    return { kind: indexKinds[ending as keyof typeof indexKinds], module: indexed }
  const [, module = '', version = '', kind] = /^m\/(@[^/]+\/[^/]+)\/([^/]+)\/(bundle|manifest)\.json$/.exec(path) ?? []
  if (!moduleName.safeParse(module).success || !moduleVersion.safeParse(version).success) return undefined
  return { kind: kind as 'bundle', module, version }
}
