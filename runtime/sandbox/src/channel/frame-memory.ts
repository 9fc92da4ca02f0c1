import { payloadMemory } from '../protocol/frame.ts'

/** Smaller frames are left to the collector of garbage. */
const lentBytesMin = 64 * 1024
/** Blocks are of a multiple of this, so that frames of nearly the same size use the same ones. */
const blockBytes = 256 * 1024
/** A block may be so many times as large as what it is lent for. */
const wasteMax = 4
/** What is kept of a lane's frames that are done with: some batches of one runner, or one each of several. */
const keptBytesMax = 8 * 1024 * 1024

/**
 * Memory of large frames, used again: new memory is faulted in page by page, and as garbage outside of the heap it makes the
 * collector run early. What is not given back is garbage like any other.
 */
export class FrameMemory {
  readonly #free: Uint8Array<ArrayBuffer>[] = []
  #freeBytes = 0

  /** It holds bytes of other frames until it is overwritten, and must be, whole. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (length < lentBytesMin) return payloadMemory(length)
    const index = this.#free.findIndex((block) => block.length >= length && block.length <= wasteMax * length)
    if (index < 0) return payloadMemory(Math.ceil(length / blockBytes) * blockBytes).subarray(0, length)
    const [block] = this.#free.splice(index, 1)
    this.#freeBytes -= block!.length
    return block!.subarray(0, length)
  }

  /** Nobody may read or write these bytes any more; given back once at most. */
  give({ buffer, length }: Uint8Array<ArrayBuffer>): void {
    if (length < lentBytesMin) return
    if (this.#freeBytes + buffer.byteLength > keptBytesMax) buffer.transfer(0)
    else {
      this.#free.push(new Uint8Array(buffer))
      this.#freeBytes += buffer.byteLength
    }
  }
}

/** That of this lane. */
export const frameMemory = new FrameMemory()
