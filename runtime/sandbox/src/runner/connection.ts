import fs from 'node:fs'
import {
  decodeFrame,
  encodeHeader,
  headerBytes,
  payloadLength,
  payloadMemory,
  sumOfLengths,
  toRunner,
  type Frame,
  type FrameHead,
} from '../protocol/frame.ts'

/** Small frames are read several at a time; a larger payload is read straight into its own memory. */
const readAheadBytes = 64 * 1024
/** Frames that may arrive while the runner waits for the answer of a synchronous call: the lane's window is smaller. */
const backlogMax = 4096

/** Blocking frames over one descriptor: the runner does nothing while it waits, and nothing else happens meanwhile. */
export class Connection {
  readonly #fd: number
  readonly #buffer = Buffer.allocUnsafeSlow(readAheadBytes)
  readonly #backlog: { readonly frame: Frame; readonly member: number }[] = []
  /** Whom the frames that are read now are for. */
  #incoming = 0
  #start = 0
  #end = 0
  #outgoing: Uint8Array[] = []

  constructor(fd: number) {
    this.#fd = fd
  }

  /** The isolate that the frame is for that {@link read} gave last. */
  member = 0

  /** The next frame; `undefined` when the lane has closed the connection. */
  read(): Frame | undefined {
    const kept = this.#backlog.shift()
    const frame = kept ? kept.frame : this.#readFrame()
    this.member = kept ? kept.member : this.#incoming
    return frame
  }

  /** The frame that satisfies `wanted`; what arrives before it is kept for {@link read}. */
  readUntil(wanted: (frame: Frame) => boolean): Frame | undefined {
    for (;;) {
      const frame = this.#readFrame()
      if (!frame || wanted(frame)) return frame
      if (this.#backlog.length >= backlogMax)
        throw new Error(`Cannot wait for an answer: more than ${backlogMax} frames came first`)
      this.#backlog.push({ frame, member: this.#incoming })
    }
  }

  /** Keeps a frame until {@link flush}. The payload must not change. */
  queue(head: FrameHead, ...payload: readonly Uint8Array[]): void {
    this.#outgoing.push(encodeHeader(head, sumOfLengths(payload)))
    for (const part of payload) if (part.length > 0) this.#outgoing.push(part)
  }

  flush(): void {
    let buffers = this.#outgoing
    this.#outgoing = []
    while (buffers.length > 0) {
      let written = fs.writevSync(this.#fd, buffers)
      let whole = 0
      while (whole < buffers.length && written >= buffers[whole]!.length) written -= buffers[whole++]!.length
      buffers = buffers.slice(whole)
      if (buffers.length > 0 && written > 0) buffers[0] = buffers[0]!.subarray(written)
    }
  }

  #readFrame(): Frame | undefined {
    for (;;) {
      const frame = this.#readAny()
      if (frame?.kind !== toRunner.member) return frame
      this.#incoming = frame.index
    }
  }

  #readAny(): Frame | undefined {
    if (!this.#fill(headerBytes)) return undefined
    const view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset + this.#start, headerBytes)
    const length = payloadLength(view)
    const payload = payloadMemory(length)
    const head = decodeFrame(view, payload)
    this.#start += headerBytes
    const ready = Math.min(length, this.#end - this.#start)
    payload.set(this.#buffer.subarray(this.#start, this.#start + ready))
    this.#start += ready
    for (let filled = ready; filled < length;) {
      const read = fs.readSync(this.#fd, payload, filled, length - filled, null)
      if (read === 0) return undefined
      filled += read
    }
    return head
  }

  /** Makes at least `bytes` available in the buffer; false at the end of the stream. */
  #fill(bytes: number): boolean {
    if (this.#end - this.#start >= bytes) return true
    this.#buffer.copyWithin(0, this.#start, this.#end)
    this.#end -= this.#start
    this.#start = 0
    while (this.#end < bytes) {
      const read = fs.readSync(this.#fd, this.#buffer, this.#end, this.#buffer.length - this.#end, null)
      if (read === 0) return false
      this.#end += read
    }
    return true
  }
}
