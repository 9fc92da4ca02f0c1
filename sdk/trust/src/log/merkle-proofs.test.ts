import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MemoryLog } from '../testing/memory-log.ts'
import { proveConsistency, proveInclusion, treeRoot } from './prove.ts'
import { tileReader } from './tile-reader.ts'
import { emptyTreeHash, hashLeaf, hashNodes } from './tree-hash.ts'
import { verifyConsistency, verifyInclusion } from './verify-proof.ts'

const leaves = Array.from({ length: 600 }, (_, index) => Buffer.from(`leaf ${index}`))
const hashes = leaves.map(hashLeaf)
const log = new MemoryLog(leaves)

/** The definitions of RFC 6962 §2.1 word by word, over the leaves `start … end - 1`: MTH, PATH and SUBPROOF. */
const known = new Map<number, Uint8Array>()
function mth(start: number, end: number): Uint8Array {
  if (start === end) return emptyTreeHash
  if (end - start === 1) return hashes[start]!
  const key = start * 1_000 + end
  const k = start + powerBelow(end - start)
  if (!known.has(key)) known.set(key, hashNodes(mth(start, k), mth(k, end)))
  return known.get(key)!
}
function path(m: number, start: number, end: number): Uint8Array[] {
  if (end - start === 1) return []
  const k = powerBelow(end - start)
  return m < k
    ? [...path(m, start, start + k), mth(start + k, end)]
    : [...path(m - k, start + k, end), mth(start, start + k)]
}
function subproof(m: number, start: number, end: number, b: boolean): Uint8Array[] {
  if (m === end - start) return b ? [] : [mth(start, end)]
  const k = powerBelow(end - start)
  if (m <= k) return [...subproof(m, start, start + k, b), mth(start + k, end)]
  return [...subproof(m - k, start + k, end, false), mth(start, start + k)]
}
function powerBelow(n: number): number {
  return 2 ** (Math.ceil(Math.log2(n)) - 1)
}

const roots = Array.from({ length: leaves.length + 1 }, (_, size) => mth(0, size))
const head = (size: number) => ({ size, root: roots[size]! })
const hex = (list: readonly Uint8Array[]): string[] => list.map((hash) => Buffer.from(hash).toString('hex'))

describe('a tree', () => {
  // Computed apart from this code, with a SHA-256 of 0x00 ‖ leaf and 0x01 ‖ left ‖ right for each part that the RFC names.
  const texts = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
  const small = new MemoryLog(texts.map((text) => Buffer.from(text, 'hex')))

  test('has the roots that RFC 6962 gives', async () => {
    const found = await Promise.all(texts.map((_, index) => treeRoot(index + 1, small.read)))
    expect(hex(found)).toEqual([
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ])
    expect(hex([await treeRoot(0, small.read)])).toEqual([
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    ])
  })

  test('has the proofs that RFC 6962 gives', async () => {
    // Of the sixth of seven leaves: the fifth, the seventh, and the first four.
    expect(hex(await proveInclusion(5, 7, small.read))).toEqual([
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ])
    // From three leaves to seven: the third, the fourth, the first two, the last three.
    expect(hex(await proveConsistency(3, 7, small.read))).toEqual([
      '0298d122906dcfc10892cb53a73992fc5b9f493ea4c9badb27b791b4127a7fe7',
      '07506a85fd9dd2f120eb694f86011e5bb4662e5c415a62917033d4a9624487e7',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      '837dbb152e9b079010717e84e865da4ebc0fa198a806d59d31bf15accef22d0e',
    ])
    expect(await proveConsistency(4, 4, small.read)).toEqual([])
  })
})

describe('proofs', () => {
  test('of every leaf of every log up to 300 are the direct definition, and hold', async () => {
    for (let size = 1; size <= 300; size++) {
      expect(hex([await treeRoot(size, log.read)])).toEqual(hex([roots[size]!]))
      for (let index = 0; index < size; index++) {
        const proof = await proveInclusion(index, size, log.read)
        expect(Buffer.concat(proof).equals(Buffer.concat(path(index, 0, size)))).toBe(true)
        verifyInclusion(hashes[index]!, index, head(size), proof)
      }
    }
  })

  test('of every beginning of every log up to 300 are the direct definition, and hold', async () => {
    for (let to = 1; to <= 300; to++) {
      verifyConsistency(head(0), head(to), await proveConsistency(0, to, log.read))
      for (let from = 1; from <= to; from++) {
        const proof = await proveConsistency(from, to, log.read)
        expect(Buffer.concat(proof).equals(Buffer.concat(subproof(from, 0, to, true)))).toBe(true)
        verifyConsistency(head(from), head(to), proof)
      }
    }
  })

  test('of larger logs are the same when they are made from tiles', async () => {
    const sizes = fc.integer({ min: 1, max: 600 })
    await fc.assert(
      fc.asyncProperty(sizes, sizes, fc.nat(), async (a, b, n) => {
        const [from, to] = a < b ? [a, b] : [b, a]
        const read = tileReader(to, async (tile) => log.tile(tile))
        verifyInclusion(hashes[n % to]!, n % to, head(to), await proveInclusion(n % to, to, read))
        const proof = await proveConsistency(from, to, read)
        expect(hex(proof)).toEqual(hex(subproof(from, 0, to, true)))
        verifyConsistency(head(from), head(to), proof)
      }),
      { numRuns: 200 },
    )
  })
})

describe('what is not so', () => {
  const sizes = fc.integer({ min: 2, max: 300 })

  test('has no inclusion proof: another leaf, place, log or hash', async () => {
    const changes = fc.constantFrom('leaf', 'index', 'root', 'hash', 'short', 'long', 'cut')
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), changes, async (size, n, at, change) => {
        const index = n % size
        const proof = await proveInclusion(index, size, log.read)
        const other = hashLeaf(Buffer.from('other'))
        const changed = proof.with(at % proof.length, change === 'cut' ? proof[0]!.subarray(1) : other)
        const given = { hash: changed, cut: changed, short: proof.slice(1), long: [...proof, other] }[change as 'hash']
        const verify = () =>
          verifyInclusion(
            change === 'leaf' ? other : hashes[index]!,
            change === 'index' ? (index + 1) % size : index,
            { size, root: change === 'root' ? other : roots[size]! },
            given ?? proof,
          )
        expect(verify).toThrow(`is in the log of ${size}: `)
      }),
    )
  })

  test('has no consistency proof: a rewritten leaf, whichever it is', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (to, n, at) => {
        const from = 1 + (n % (to - 1))
        const rewritten = new MemoryLog(leaves.slice(0, to).with(at % from, Buffer.from('other')))
        const proof = await proveConsistency(from, to, rewritten.read)
        const after = { size: to, root: await treeRoot(to, rewritten.read) }
        expect(() => verifyConsistency(head(from), after, proof)).toThrow(/the proof leads to|want/)
      }),
    )
  })

  test('is refused with what was found and wanted', async () => {
    expect(() => verifyInclusion(hashes[0]!, 3, head(3), [])).toThrow('Cannot prove the leaf 3: the log has 3 leaves')
    expect(() => verifyInclusion(hashes[0]!, 0, { size: 2 ** 53, root: roots[1]! }, [])).toThrow('want a whole number')
    expect(() => verifyInclusion(hashes[0]!, 0, head(0), [])).toThrow('the log has 0 leaves')
    expect(() => verifyConsistency(head(4), head(3), [])).toThrow('Cannot prove that a log of 4 leaves begins one of 3')
    expect(() => verifyConsistency({ size: 0, root: roots[1]! }, head(3), [])).toThrow(
      'the proof leads to the root e3b0',
    )
    expect(() => verifyConsistency(head(3), { size: 3, root: roots[4]! }, [])).toThrow('the proof leads to the root')
    await expect(treeRoot(601, log.read)).rejects.toThrow('a log of 600 leaves does not have it')
    await expect(treeRoot(3, async () => [])).rejects.toThrow('found 0 hashes of the log, want 2')
  })

  test('is not believed for a log as large as numbers go', () => {
    const root = roots[1]!
    const size = Number.MAX_SAFE_INTEGER
    expect(() => verifyInclusion(root, size - 1, { size, root }, Array(53).fill(root))).toThrow(/want/)
    expect(() => verifyConsistency({ size: size - 1, root }, { size, root }, [root])).toThrow(/want/)
  })
})
