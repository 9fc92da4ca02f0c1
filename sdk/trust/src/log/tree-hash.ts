import { createHash } from 'node:crypto'

/** Of a SHA-256. */
export const hashBytes = 32

/** The root of a tree without leaves (RFC 6962 §2.1). */
export const emptyTreeHash: Uint8Array = createHash('sha256').digest()

/** The first byte tells leaves from nodes, so that no leaf can pass for an inner part of the tree. */
const [leafPrefix, nodePrefix] = [Uint8Array.of(0), Uint8Array.of(1)]

export function hashLeaf(leaf: Uint8Array): Uint8Array {
  return createHash('sha256').update(leafPrefix).update(leaf).digest()
}

export function hashNodes(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash('sha256').update(nodePrefix).update(left).update(right).digest()
}
