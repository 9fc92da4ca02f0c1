import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateSigningKey, parseSigningKey, signRoot, type RootDocument, type SigningKey } from '@ingot/trust'

/** The keys that a registry signs with, and the signed document that tells the world about them. */
export interface RegistryKeys {
  readonly publish: SigningKey
  /** For checkpoints of the log, and for statements that an index is the current one. */
  readonly log: SigningKey
  readonly index: SigningKey
  readonly root: RootDocument
  /** JSON text of the signed root document. */
  readonly rootText: string
}

/**
 * A registry's keys from its folder; made at the first start. The root key signs nothing but the root document: it can
 * be moved away from the server once that exists.
 */
export async function openKeys(dir: string, registryUrl: string): Promise<RegistryKeys> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const online = {
    publish: await keyFile(join(dir, 'publish.pem')),
    log: await keyFile(join(dir, 'log.pem')),
    index: await keyFile(join(dir, 'index.pem')),
  }
  const path = join(dir, 'root.dsse.json')
  const rootText = (await textOf(path)) ?? (await createRoot(path, dir, online, registryUrl))
  const { payload } = JSON.parse(rootText) as { payload: string }
  const root = JSON.parse(Buffer.from(payload, 'base64').toString()) as RootDocument
  for (const [role, key] of Object.entries(online)) {
    if (root.roles[role]?.keyids.includes(key.publicKey.keyId)) continue
    throw new Error(`Cannot use the keys in "${dir}": found no mention of the key "${role}.pem" in "root.dsse.json"`)
  }
  return { ...online, rootText, root }
}

async function createRoot(
  path: string,
  dir: string,
  online: Readonly<Record<'publish' | 'log' | 'index', SigningKey>>,
  registryUrl: string,
): Promise<string> {
  const keys = { root: await keyFile(join(dir, 'root.pem')), ...online }
  const validFrom = new Date().toISOString()
  const role = (key: SigningKey) => ({ keyids: [key.publicKey.keyId], threshold: 1 })
  const document: RootDocument = {
    version: 1,
    registry: registryUrl,
    keys: Object.fromEntries(
      Object.values(keys).map(({ publicKey: { keyId, spki } }) => [keyId, { spki, validFrom }] as const),
    ),
    roles: { root: role(keys.root), publish: role(keys.publish), log: role(keys.log), index: role(keys.index) },
  }
  return createOnce(path, JSON.stringify(signRoot(document, [keys.root])), 0o644)
}

async function keyFile(path: string): Promise<SigningKey> {
  const before = await textOf(path)
  return parseSigningKey(before ?? (await createOnce(path, generateSigningKey().toPem(), 0o600)))
}

/** The first writer's text stands, whoever asks: two servers that start on one folder agree on their keys. */
async function createOnce(path: string, text: string, mode: number): Promise<string> {
  const temporary = `${path}.${randomUUID()}.tmp`
  await writeFile(temporary, text, { mode, flush: true })
  await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await rm(temporary)
  return readFile(path, 'utf8')
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}
