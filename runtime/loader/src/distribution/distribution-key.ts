import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { generateSigningKey, parseSigningKey, type SigningKey } from '@ingot/trust'
import { createFileAtomically } from '../cache/atomic-file.ts'

/**
 * The development key of a checkout: made once, kept in its cache, readable by its owner only. A release holds no
 * private key; it brings the public one.
 */
export async function developmentKey(cacheDir: string): Promise<SigningKey> {
  const path = join(cacheDir, 'distribution', 'development-key.pem')
  const found = await readFile(path, 'utf8').catch(() => undefined)
  if (found !== undefined) return parseSigningKey(found)
  // When two processes start at once, the first key stands for both.
  await createFileAtomically(path, generateSigningKey().toPem(), 0o600)
  return parseSigningKey(await readFile(path, 'utf8'))
}
