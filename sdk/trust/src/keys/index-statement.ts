import { createHash } from 'node:crypto'
import { z } from 'zod'
import { verifyEnvelope, type DsseEnvelope } from '../dsse.ts'
import { activeKeys, type RootDocument } from './root-document.ts'

export const indexPayloadType = 'application/vnd.ingot.index+json'

/** That some bytes are a module's index, from when and until when, and how far the log was. */
export const indexStatement = z.looseObject({
  path: z.string(),
  /** Hexadecimal. */
  sha256: z.string(),
  size: z.int().min(0),
  logSize: z.int().min(0),
  issuedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
})
export type IndexStatement = z.infer<typeof indexStatement>

/**
 * The registry's statement that these bytes are the index at `path`.
 * @throws when they are others, no index key has signed it, or it is no longer good at `now`: somebody may be holding back newer ones.
 */
export function verifyIndex(
  envelope: DsseEnvelope,
  wanted: { readonly path: string; readonly bytes: Uint8Array },
  root: RootDocument,
  now: Date,
): IndexStatement {
  const { payload } = verifyEnvelope(
    envelope,
    indexPayloadType,
    activeKeys(root, 'index'),
    root.roles.index?.threshold ?? 1,
  )
  const statement = indexStatement.parse(JSON.parse(Buffer.from(payload).toString()))
  const found = createHash('sha256').update(wanted.bytes).digest('hex')
  const action = `Cannot verify the index "${wanted.path}"`
  if (statement.path !== wanted.path) throw new Error(`${action}: found a statement about "${statement.path}"`)
  if (statement.sha256 !== found || statement.size !== wanted.bytes.length) {
    throw new Error(
      `${action}: found ${wanted.bytes.length} bytes of SHA-256 ${found}, want ${statement.size} of ${statement.sha256}`,
    )
  }
  if (now >= new Date(statement.expiresAt))
    throw new Error(`${action}: its signature is good until ${statement.expiresAt}, and it is ${now.toISOString()}`)
  return statement
}
