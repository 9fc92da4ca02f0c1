import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createOnce, textOf } from '../keys/key-files.ts'
import type { MetaStore } from '../storage/meta-store.ts'
import { isSealed, SecretSeal } from './secret-seal.ts'

const fileName = 'accounts.key'

/**
 * The seal of a registry's accounts, by `accounts.key` in its folder of keys, which the first server on a database
 * makes; then seals what an older version has stored as it was.
 * @throws when the database knows another key: nobody could show an authenticator's code.
 */
export async function openSeal({ factors }: MetaStore, dir: string, now: Date): Promise<SecretSeal> {
  const path = join(dir, fileName)
  const known = await factors.sealingKey()
  const before = await textOf(path)
  if (before === undefined && known !== undefined) throw wrongKey(path, 'no file', known)
  const text = before ?? (await createOnce(path, `${randomBytes(32).toString('base64')}\n`, 0o600))
  const seal = sealOf(text, path)
  // Of two servers with two folders that start at once, one is the first.
  const first = await factors.claimSealingKey(seal.keyId, now.toISOString())
  if (first !== seal.keyId) throw wrongKey(path, `the key ${seal.keyId}`, first)
  await factors.sealSecrets((secret, userId) => (isSealed(secret) ? undefined : seal.seal(secret, userId)))
  return seal
}

function sealOf(text: string, path: string): SecretSeal {
  try {
    return new SecretSeal(Buffer.from(text.trim(), 'base64'))
  } catch (cause) {
    throw new Error(`Cannot read the key of accounts "${path}": ${(cause as Error).message}, in base64`, { cause })
  }
}

function wrongKey(path: string, found: string, known: string): Error {
  return new Error(
    `Cannot open the secrets of accounts: found ${found} in "${path}", want the key ${known}; copy the file from the server that made it, or from a backup`,
  )
}
