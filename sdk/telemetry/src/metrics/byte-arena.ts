/** Chunks are large enough that their own cost vanishes, and small enough that growing never copies. */
const chunkBits = 20
const chunkBytes = 1 << chunkBits
const chunkMask = chunkBytes - 1
const firstChunkBytes = 4096
/** 4 GiB: positions are unsigned 32-bit numbers. */
const chunksMax = 1 << (32 - chunkBits)

/** Byte strings kept outside of the JavaScript heap and never moved. A position says where one starts; its length is the caller's to keep. */
export class ByteArena {
  readonly chunks: Uint8Array<ArrayBuffer>[] = []
  readonly words: Int32Array<ArrayBuffer>[] = []
  #used = 0

  /** Copies `bytes[start…end)` in, at a multiple of four. @throws RangeError for more than 1 MiB at once, or when 4 GiB are in use. */
  add(bytes: Uint8Array, start = 0, end = bytes.length): number {
    const size = end - start
    if (size > chunkBytes) throw new RangeError(`Cannot keep ${size} bytes: want at most ${chunkBytes}`)
    if (this.#used + size > (this.chunks.at(-1)?.length ?? -1)) this.#grow(size)
    const at = this.#used
    this.chunks.at(-1)!.set(bytes.subarray(start, end), at)
    this.#used = (at + size + 3) & ~3
    return ((this.chunks.length - 1) * chunkBytes + at) >>> 0
  }

  /** The bytes at a position, as a view. */
  view(position: number, length: number): Uint8Array<ArrayBuffer> {
    const at = position & chunkMask
    return this.chunks[position >>> chunkBits]!.subarray(at, at + length)
  }

  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  /** Only the first chunk starts small and is moved as it grows: most targets have few series. */
  #grow(size: number): void {
    const first = this.chunks[0]
    const needed = this.#used + size
    if (this.chunks.length <= 1 && needed <= chunkBytes) {
      const capacity = Math.min(chunkBytes, Math.max(firstChunkBytes, 2 ** Math.ceil(Math.log2(needed + 4))))
      const chunk = new Uint8Array(capacity)
      if (first) chunk.set(first)
      this.chunks[0] = chunk
      this.words[0] = new Int32Array(chunk.buffer)
      return
    }
    if (this.chunks.length >= chunksMax) throw new RangeError('Cannot keep more than 4 GiB of bytes')
    const chunk = new Uint8Array(chunkBytes)
    this.chunks.push(chunk)
    this.words.push(new Int32Array(chunk.buffer))
    this.#used = 0
  }
}

export const arenaChunkBits: number = chunkBits
export const arenaChunkMask: number = chunkMask
