import { logOrigin, signRoot, type OnlineRole, type RootDocument, type SigningKey } from '@ingot/trust'
import { KeyFiles, parseRoot } from './key-files.ts'

/** The keys that a registry signs with, and the signed documents that tell the world about them. */
export interface RegistryKeys {
  readonly publish: SigningKey
  /** For checkpoints of the log, and for statements that an index is the current one. */
  readonly log: SigningKey
  readonly index: SigningKey
  readonly root: RootDocument
  /** JSON text of the newest signed root document. */
  readonly rootText: string
  /** Of all versions. */
  readonly roots: ReadonlyMap<number, string>
  /** Name of the log. It follows from the root document and not from an address: a registry may move. */
  readonly origin: string
  /** What the folder holds that this server does not use yet. */
  rotation(): Promise<Rotation>
}

/** A change of keys that is under way. */
export interface Rotation {
  /** Version of the newest root document in the folder; a server uses it from its next start on. */
  readonly newest: number
  /** Ids of keys that wait for a root document that names them. */
  readonly waiting: Readonly<Partial<Record<OnlineRole, string>>>
  /** Whether the root key lies on the server, where it need not be. */
  readonly hasRootKey: boolean
}

/**
 * A registry's keys from its folder; made at the first start. The root key signs nothing but root documents: it can be
 * moved away from the server once the first one exists.
 */
export async function openKeys(dir: string, registryUrl: string, now = new Date()): Promise<RegistryKeys> {
  const files = new KeyFiles(dir)
  let roots = await files.roots()
  if (roots.size === 0) {
    await createRoot(files, registryUrl, now)
    roots = await files.roots()
  }
  const rootText = [...roots.values()].at(-1)!
  const { document: root } = parseRoot(rootText)
  await files.promote(root)
  const online = await onlineKeys(files)
  for (const [role, key] of Object.entries(online)) {
    const { keyId } = key.publicKey
    if (root.roles[role]?.keyids.includes(keyId) && root.keys[keyId]?.revoked === undefined) continue
    const found = root.keys[keyId]?.revoked ? 'that it was revoked' : 'no mention of it'
    throw new Error(
      `Cannot use the key "${role}.pem" in "${dir}": found ${found} in version ${root.version} of the root document`,
    )
  }
  const rotation = async (): Promise<Rotation> => {
    const [versions, waiting, hasRootKey] = await Promise.all([files.roots(), files.waiting(), files.hasRootKey()])
    return { newest: [...versions.keys()].at(-1) ?? root.version, waiting, hasRootKey }
  }
  return { ...online, root, rootText, roots, origin: logOrigin(root.registry), rotation }
}

async function createRoot(files: KeyFiles, registryUrl: string, now: Date): Promise<void> {
  const online = await onlineKeys(files)
  const keys = { root: await files.key('root'), ...online }
  const validFrom = now.toISOString()
  const role = (key: SigningKey) => ({ keyids: [key.publicKey.keyId], threshold: 1 })
  const document: RootDocument = {
    version: 1,
    registry: registryUrl,
    keys: Object.fromEntries(
      Object.values(keys).map(({ publicKey: { keyId, spki } }) => [keyId, { spki, validFrom }] as const),
    ),
    roles: { root: role(keys.root), publish: role(keys.publish), log: role(keys.log), index: role(keys.index) },
  }
  await files.addRoot(signRoot(document, [keys.root]))
}

async function onlineKeys(files: KeyFiles): Promise<Readonly<Record<OnlineRole, SigningKey>>> {
  return { publish: await files.key('publish'), log: await files.key('log'), index: await files.key('index') }
}
