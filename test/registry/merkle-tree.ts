import { createHash } from 'node:crypto'

/** Trees and proofs straight from the definitions of RFC 6962 §2.1: slow, and of no code that they are compared with. */

const hash = (...parts: Uint8Array[]): Buffer => {
  const sha256 = createHash('sha256')
  for (const part of parts) sha256.update(part)
  return sha256.digest()
}
const leafPrefix = Buffer.of(0)
const nodePrefix = Buffer.of(1)

export function leafHash(leaf: Uint8Array): Buffer {
  return hash(leafPrefix, leaf)
}

/** MTH(D[n]) of leaf hashes. */
export function treeHash(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return hash()
  if (leaves.length === 1) return leaves[0]!
  const middle = largestPowerBelow(leaves.length)
  return hash(nodePrefix, treeHash(leaves.slice(0, middle)), treeHash(leaves.slice(middle)))
}

/** PATH(m, D[n]). */
export function inclusionPath(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length <= 1) return []
  const middle = largestPowerBelow(leaves.length)
  const [left, right] = [leaves.slice(0, middle), leaves.slice(middle)]
  if (index < middle) return [...inclusionPath(index, left), treeHash(right)]
  return [...inclusionPath(index - middle, right), treeHash(left)]
}

/** PROOF(m, D[n]). */
export function consistencyPath(from: number, leaves: readonly Buffer[]): Buffer[] {
  return subproof(from, leaves, true)
}

function subproof(from: number, leaves: readonly Buffer[], known: boolean): Buffer[] {
  if (from === leaves.length) return known ? [] : [treeHash(leaves)]
  const middle = largestPowerBelow(leaves.length)
  const [left, right] = [leaves.slice(0, middle), leaves.slice(middle)]
  if (from <= middle) return [...subproof(from, left, known), treeHash(right)]
  return [...subproof(from - middle, right, false), treeHash(left)]
}

function largestPowerBelow(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1))
}
