/** Points of one member on the ring: enough that shares differ by a few per cent only. */
const tokensPerMember = 512

/** Consistent hashing: who owns a key moves only with the members that come and go. All members compute the same ring. */
export class HashRing {
  readonly #hashes: Uint32Array
  readonly #owners: Uint32Array
  readonly members: readonly string[]

  /** Equal names in any order give equal rings. */
  constructor(members: readonly string[]) {
    this.members = [...new Set(members)].sort()
    const points: { hash: number; owner: number }[] = []
    this.members.forEach((name, owner) => {
      for (let token = 0; token < tokensPerMember; token++) points.push({ hash: hashText(`${name}-${token}`), owner })
    })
    points.sort((a, b) => a.hash - b.hash || a.owner - b.owner)
    this.#hashes = Uint32Array.from(points, (point) => point.hash)
    this.#owners = Uint32Array.from(points, (point) => point.owner)
  }

  /** The member that owns `key`; `undefined` without members. */
  owner(key: string): string | undefined {
    if (this.members.length < 2) return this.members[0]
    const hash = hashText(key)
    let low = 0
    let high = this.#hashes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#hashes[middle]! < hash) low = middle + 1
      else high = middle
    }
    return this.members[this.#owners[low === this.#hashes.length ? 0 : low]!]
  }
}

/** FNV-1a over UTF-16 code units, mixed by the finalizer of MurmurHash3, as FNV alone leaves alike texts close together. */
function hashText(text: string): number {
  let hash = 0x811c_9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
