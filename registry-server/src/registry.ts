import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Gate } from './publish/gate.ts'
import { openKeys, type RegistryKeys } from './registry-keys.ts'
import type { BlobStore } from './storage/blob-store.ts'
import { FileBlobStore } from './storage/file-blob-store.ts'
import type { MetaStore } from './storage/meta-store.ts'
import { SqliteMetaStore } from './storage/sqlite-meta-store.ts'

/** Uploads that are unpacked at the same time (each at most 32 MiB), and those that may wait for it. */
const inspections = { runningMax: 2, waitingMax: 64 }

export interface RegistryOptions {
  readonly dataDir: string
  /** Where clients reach it: stands in its statements. */
  readonly url: string
}

/** One registry: what it knows, its bytes and its keys. */
export interface Registry {
  readonly url: string
  readonly meta: MetaStore
  readonly blobs: BlobStore
  readonly keys: RegistryKeys
  readonly gate: Gate
  close(): Promise<void>
}

/** Opens a registry's folder, making what is missing and removing what a crash has left. */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const keys = await openKeys(join(options.dataDir, 'keys'), options.url)
  const meta = await openMetaStore(options.dataDir)
  const blobs = await new FileBlobStore(options.dataDir).open()
  await blobs.sweep((sha512) => meta.hasBlob(sha512))
  return { url: options.url, meta, blobs, keys, gate: new Gate(inspections), close: () => meta.close() }
}

/** What a registry's folder knows, without its keys: for tools that run beside a server. */
export async function openMetaStore(dataDir: string): Promise<MetaStore> {
  await mkdir(dataDir, { recursive: true })
  return new SqliteMetaStore(join(dataDir, 'registry.db'))
}
