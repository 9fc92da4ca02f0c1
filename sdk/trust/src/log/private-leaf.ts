import { createHash, randomBytes } from 'node:crypto'
import { canonicalJson } from '../canonical-json.ts'

/** As many bytes as the hash has: nobody tries all. */
const saltBytes = 32
const leafType = 'urn:ingot:private:v1'

/** A salt for one leaf, in base64: with two of one salt it would show whether they are the same. */
export function newLeafSalt(): string {
  return randomBytes(saltBytes).toString('base64')
}

/**
 * The bytes that stand in a log for a statement. Of one that not everybody may read it is a commitment (registry.md §2.4):
 * who has the salt and the statement can tell that it is theirs, and nobody else learns anything but that there is one. The
 * salt has a fixed length, so that no other pair of salt and statement has the same bytes.
 * @throws RangeError for a salt that is none
 */
export function leafBytes(statement: Uint8Array, salt?: string | null): Uint8Array {
  if (salt === undefined || salt === null) return statement
  const bytes = Buffer.from(salt, 'base64')
  if (bytes.length !== saltBytes) {
    throw new RangeError(`Cannot use a salt of ${bytes.length} bytes, want ${saltBytes}`)
  }
  const commitment = createHash('sha256').update(bytes).update(statement).digest('base64')
  return Buffer.from(canonicalJson({ commitment: `sha256-${commitment}`, type: leafType }))
}
