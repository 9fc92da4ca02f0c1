import type { ModuleManifest } from '@ingot/manifest'

export type VersionStatus = 'active' | 'yanked' | 'quarantined' | 'tombstoned'

/** One published version, as the index and the list of versions show it. */
export interface VersionRecord {
  readonly version: string
  /** Hex of the packed module. */
  readonly sha512: string
  readonly sizeBytes: number
  readonly unpackedBytes: number
  readonly manifest: ModuleManifest
  /** `sha256-<base64>` of module.json and of the capability document. */
  readonly manifestIntegrity: string
  readonly capsIntegrity: string
  readonly publishedAt: string
  readonly publisher: string
  readonly trust: number
  readonly status: VersionStatus
  readonly logIndex: number
}

export interface VersionFile {
  readonly path: string
  readonly sha256: string
  readonly sizeBytes: number
}

/** What only the pages and documents of one version need. */
export interface VersionDetail extends VersionRecord {
  readonly readme: string | undefined
  /** JSON text of the signed statement with its surroundings. */
  readonly bundle: string
  readonly files: readonly VersionFile[]
}

export type NewVersion = Omit<VersionDetail, 'logIndex' | 'status'> & {
  /** Bytes of the log's leaf. */
  readonly leaf: Uint8Array
  readonly actorIp: string
}

/** `existing`: the SHA-512 of the version that was there first. */
export type CommitResult = { readonly created: true } | { readonly created: false; readonly existing: string }

export interface ModuleSummary {
  readonly name: string
  readonly latest: VersionRecord
}

export interface ModuleQuery {
  /** Words; every one must begin some word of the module's name, text or components. */
  readonly words: readonly string[]
  readonly limit: number
  readonly offset: number
}

export interface TokenRecord {
  readonly id: number
  readonly description: string
  /** `@acme/redact`, `@acme/*` or `*`. */
  readonly modules: string
  readonly expiresAt: string
  readonly revokedAt: string | undefined
}

/** What a registry knows, besides bytes. One contract for every database. */
export interface MetaStore {
  /** The commit point of a publish: after it the version exists everywhere, before it nowhere. */
  commitVersion(version: NewVersion): Promise<CommitResult>
  version(module: string, version: string): Promise<VersionDetail | undefined>
  /** In the order of publication; empty when there is no such module. */
  versions(module: string): Promise<VersionRecord[]>
  /** Changes whenever anything about the module does; `undefined` when there is no such module. */
  revision(module: string): Promise<number | undefined>
  modules(query: ModuleQuery): Promise<{ readonly total: number; readonly items: ModuleSummary[] }>
  hasBlob(sha512: string): Promise<boolean>
  token(hash: string): Promise<TokenRecord | undefined>
  tokenUsed(id: number, at: string): Promise<void>
  addToken(token: { hash: string; description: string; modules: string; expiresAt: string }): Promise<void>
  close(): Promise<void>
}
