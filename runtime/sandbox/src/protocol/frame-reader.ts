import { decodeFrame, headerBytes, payloadLength, payloadMemory, type Frame } from './frame.ts'

export class FrameTooLargeError extends Error {
  override readonly name = 'FrameTooLargeError'
}

const noBytes = new Uint8Array(0)

/**
 * Cuts a stream of chunks into frames. Each payload gets memory of its own, so that columns can be viewed at their
 * alignment and no other reader shares the buffer.
 */
export class FrameReader {
  readonly #bytesMax: number
  readonly #onFrame: (frame: Frame) => void
  readonly #memory: (length: number) => Uint8Array<ArrayBuffer>
  readonly #header = new Uint8Array(headerBytes)
  readonly #view = new DataView(this.#header.buffer)
  #headerFilled = 0
  #payload: Uint8Array<ArrayBuffer> = noBytes
  #payloadFilled = 0

  /** `bytesMax`: the largest payload accepted; `memory`: where payloads go, to be overwritten whole. */
  constructor(bytesMax: number, onFrame: (frame: Frame) => void, memory = payloadMemory) {
    this.#bytesMax = bytesMax
    this.#onFrame = onFrame
    this.#memory = memory
  }

  /** @throws FrameTooLargeError when a header states a payload beyond the bound; nothing is allocated for it. */
  push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#headerFilled < headerBytes) {
        at += this.#fillHeader(chunk, at)
        if (this.#headerFilled < headerBytes) return
      }
      const wanted = Math.min(this.#payload.length - this.#payloadFilled, chunk.length - at)
      if (wanted > 0) {
        this.#payload.set(chunk.subarray(at, at + wanted), this.#payloadFilled)
        this.#payloadFilled += wanted
        at += wanted
      }
      if (this.#payloadFilled === this.#payload.length) this.#deliver()
    }
  }

  #fillHeader(chunk: Uint8Array, at: number): number {
    const wanted = Math.min(headerBytes - this.#headerFilled, chunk.length - at)
    this.#header.set(chunk.subarray(at, at + wanted), this.#headerFilled)
    this.#headerFilled += wanted
    if (this.#headerFilled === headerBytes) {
      const length = payloadLength(this.#view)
      if (length > this.#bytesMax) {
        throw new FrameTooLargeError(`Cannot read a frame of ${length} bytes: want at most ${this.#bytesMax}`)
      }
      this.#payload = length === 0 ? noBytes : this.#memory(length)
      this.#payloadFilled = 0
    }
    return wanted
  }

  #deliver(): void {
    const frame = decodeFrame(this.#view, this.#payload)
    this.#headerFilled = 0
    this.#payload = noBytes
    this.#payloadFilled = 0
    this.#onFrame(frame)
  }
}
