import type { OpenFile } from '@ingot/sdk'
import { LogsBatchBuilder, type Labels, type LogsBatch } from '@ingot/telemetry'
import type { InFlight } from './in-flight.ts'
import { appendLines, lineEncoding, type EncodingName, type LineEncoding } from './line-encoding.ts'
import { hashHead, headBytesMax, type FilePosition } from './positions.ts'
import type { ReadBuffers } from './read-buffers.ts'

/** A longer line is handed on in pieces of this size: nothing is lost, and memory stays bounded. */
const lineBytesMax = 4 * 2 ** 20

/** What all files of one path share. */
export interface TailContext {
  readonly labels: Labels
  readonly encoding: EncodingName
  readonly buffers: ReadBuffers
  readonly signal: AbortSignal
  /** The time of the next line, different for each: equal lines at one time would be one line for Loki. */
  stamp(lines: number): { readonly seconds: number; readonly nanos: number }
  /** Sends a batch on; resolves when its fate is settled, or the component stops: then to false. */
  deliver(batch: LogsBatch): Promise<boolean>
  /** Called with the lines and bytes of each batch read. */
  counted(lines: number, bytes: number): void
  /** The committed offset of a file has moved. */
  committed(file: TailedFile): void
}

export type PumpResult = 'idle' | 'progress' | 'truncated'

/** One open file that is read line by line. It goes on under whatever name the file gets. */
export class TailedFile {
  readonly identity: string
  readonly inFlight: InFlight
  readonly #file: OpenFile
  readonly #context: TailContext
  readonly #builder = new LogsBatchBuilder(4096)
  #encoding: LineEncoding | undefined
  /** Where the first line begins that has not been handed out. */
  #position: number
  /** Bytes after it that were seen and hold no newline yet. */
  #partial = new Uint8Array(0)
  #head: { readonly length: number; readonly hash: number }
  #finished = false
  #released = false

  constructor(file: OpenFile, context: TailContext, start: FilePosition, inFlight: InFlight) {
    this.#file = file
    this.#context = context
    this.identity = start.identity
    this.inFlight = inFlight
    this.#position = start.offset
    this.#head = { length: start.headLength, hash: start.headHash }
  }

  get seen(): number {
    return this.#position + this.#partial.length
  }

  get filePosition(): FilePosition {
    const { committed } = this.inFlight
    const head = this.#head.length <= committed ? this.#head : { length: 0, hash: hashHead(new Uint8Array(0), 0) }
    return {
      identity: this.identity,
      offset: committed,
      headLength: head.length,
      headHash: head.hash,
      finished: this.#finished,
    }
  }

  /** Reads and hands out all whole lines that are there. */
  async pump(): Promise<PumpResult> {
    const { size } = await this.#file.stat()
    if (size < this.seen) return 'truncated'
    if (size === this.seen) return 'idle'
    if (!(await this.#headHolds())) return 'truncated'
    while (!this.#context.signal.aborted && (await this.#readChunk()));
    return 'progress'
  }

  /** Hands out what stands after the last newline: the file gets no more. */
  async flushPartial(): Promise<void> {
    const rest = this.#partial
    if (rest.length === 0) return
    const encoding = await this.#lineEncoding()
    this.#builder.adopt(rest)
    const { seconds, nanos } = this.#context.stamp(1)
    encoding.append(this.#builder, rest, 0, rest.length, this.#builder.stream(this.#context.labels), seconds, nanos)
    this.#partial = new Uint8Array(0)
    this.#position += rest.length
    this.#emit(rest.length)
  }

  /** Waits until everything handed out is settled, and closes the file. */
  async finish(): Promise<void> {
    await this.inFlight.drained(this.#context.signal)
    if (this.inFlight.empty) this.#finished = true
    await this.close()
  }

  /** Hands the open file over to its successor: the same file, from its beginning. */
  release(): OpenFile {
    this.#released = true
    return this.#file
  }

  async close(): Promise<void> {
    if (!this.#released) await this.#file.close()
  }

  async unlinked(): Promise<boolean> {
    return (await this.#file.stat()).unlinked
  }

  /** @returns whether the file may have more right now */
  async #readChunk(): Promise<boolean> {
    const { buffers, signal } = this.#context
    await this.inFlight.room(signal)
    const encoding = await this.#lineEncoding()
    let buffer = await buffers.take()
    let kept = false
    try {
      let read = await this.#file.read(buffer, this.#position)
      let end = lastLineEnd(encoding, buffer, read)
      while (end === 0 && read === buffer.length && read < lineBytesMax) {
        buffer = new Uint8Array(Math.min(lineBytesMax, buffer.length * 2))
        read = await this.#file.read(buffer, this.#position)
        end = lastLineEnd(encoding, buffer, read)
      }
      if (end === 0 && read === lineBytesMax) end = read
      this.#partial = buffer.slice(end, read)
      if (end > 0) {
        kept = end >= buffer.length / 2
        this.#handOut(encoding, kept ? buffer : buffer.slice(0, end), end)
      }
      return read === buffer.length
    } finally {
      buffers.give(kept ? undefined : buffer)
    }
  }

  #handOut(encoding: LineEncoding, bytes: Uint8Array, end: number): void {
    const builder = this.#builder
    builder.adopt(bytes)
    const stream = builder.stream(this.#context.labels)
    const first = this.#context.stamp(Math.ceil(end / encoding.unitBytes))
    appendLines(encoding, builder, bytes, end, stream, first)
    this.#position += end
    this.#emit(end)
  }

  #emit(bytes: number): void {
    const batch = this.#builder.build()
    this.#context.counted(batch.count, bytes)
    const settle = this.inFlight.add(this.#position, bytes, batch.count)
    void this.#context.deliver(batch).then(async (reached) => {
      if (!settle(reached)) return
      await this.#extendHead()
      this.#context.committed(this)
    })
  }

  async #lineEncoding(): Promise<LineEncoding> {
    if (this.#encoding) return this.#encoding
    const head = new Uint8Array(2)
    await this.#file.read(head, 0)
    this.#encoding = lineEncoding(this.#context.encoding, head)
    return this.#encoding
  }

  /** Until the head has its full length, it covers what is committed. */
  async #extendHead(): Promise<void> {
    const length = Math.min(headBytesMax, this.inFlight.committed)
    if (length <= this.#head.length) return
    const bytes = new Uint8Array(length)
    try {
      const read = await this.#file.read(bytes, 0)
      if (read === length) this.#head = { length, hash: hashHead(bytes, length) }
    } catch {
      // Closed meanwhile: the shorter head stays true.
    }
  }

  /** Whether the file still begins as it did: it may have been truncated and have grown again since. */
  async #headHolds(): Promise<boolean> {
    const { length, hash } = this.#head
    if (length === 0) return true
    const bytes = new Uint8Array(length)
    const read = await this.#file.read(bytes, 0)
    return read === length && hashHead(bytes, length) === hash
  }
}

/** The end of the last whole line in the first `read` bytes, or 0. */
function lastLineEnd(encoding: LineEncoding, bytes: Uint8Array, read: number): number {
  if (read === 0) return 0
  if (encoding.unitBytes === 1) return bytes.lastIndexOf(10, read - 1) + 1
  let end = 0
  for (let at = encoding.newline(bytes, 0, read); at >= 0; at = encoding.newline(bytes, end, read)) end = at + 2
  return end
}
