import { createHash } from 'node:crypto'

/** RFC 6962: leaves and nodes are told apart by the byte before them. Hashes are base64. */
export function hashLeaf(leaf: Uint8Array): string {
  return createHash('sha256').update('\0').update(leaf).digest('base64')
}

export function hashNodes(left: string, right: string): string {
  return createHash('sha256').update('\u0001').update(left, 'base64').update(right, 'base64').digest('base64')
}

/** The root of a log without leaves. */
export const emptyRoot = createHash('sha256').digest('base64')
