import { createHash } from 'node:crypto'
import type { SigningKey } from '@ingot/trust'
import type { RegistryKeys } from '../registry-keys.ts'

/** The name of a registry's log: where it is, without how it is reached. */
function logOrigin(registryUrl: string): string {
  const { host, pathname } = new URL(registryUrl)
  return `${host}${pathname.replace(/\/$/, '')}/log`
}

/** A checkpoint as a signed note: the log had this many leaves and this root. */
export function signCheckpoint(
  { size, root }: { readonly size: number; readonly root: string },
  { url, keys }: { readonly url: string; readonly keys: RegistryKeys },
): string {
  const origin = logOrigin(url)
  const text = `${origin}\n${size}\n${root}\n`
  return `${text}\n— ${origin} ${noteSignature(text, origin, keys.log)}\n`
}

/** Four bytes that tell keys apart, and the ed25519 signature. */
function noteSignature(text: string, name: string, key: SigningKey): string {
  const raw = Buffer.from(key.publicKey.spki, 'base64').subarray(-32)
  const hint = createHash('sha256').update(`${name}\n\u0001`).update(raw).digest().subarray(0, 4)
  return Buffer.concat([hint, key.sign(Buffer.from(text))]).toString('base64')
}
