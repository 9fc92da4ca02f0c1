import type { OpenFile } from '@ingot/sdk'
import { LogsBatchBuilder, type Labels, type LogsBatch } from '@ingot/telemetry'
import type { InFlight } from './in-flight.ts'
import { appendLines, lineEncoding, type EncodingName, type LineEncoding } from './line-encoding.ts'
import { hashHead, headBytesMax, type FilePosition } from './positions.ts'
import type { Chunk, ReadBuffers } from './read-buffers.ts'

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
  #encoding: LineEncoding | undefined
  /** Where the first line begins that has not been handed out. */
  #position: number
  /** Of the last look: a file of the same size may have been truncated and have grown to it again since. */
  #mtimeMs: number | undefined
  /** Bytes after it that were seen and hold no newline yet. */
  #partial = new Uint8Array(0)
  /** What is stored of a file that was read before. */
  readonly #storedHead: { readonly length: number; readonly hash: number }
  /** The file's first bytes as they were read. Read again later, they could be those of what came after a truncation. */
  #beginning = new Uint8Array(0)
  #finished = false
  #released = false

  constructor(file: OpenFile, context: TailContext, start: FilePosition, inFlight: InFlight) {
    this.#file = file
    this.#context = context
    this.identity = start.identity
    this.inFlight = inFlight
    this.#position = start.offset
    this.#storedHead = { length: start.headLength, hash: start.headHash }
  }

  get seen(): number {
    return this.#position + this.#partial.length
  }

  get filePosition(): FilePosition {
    const { committed } = this.inFlight
    const head = this.#head(committed)
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
    const { size, mtimeMs } = await this.#file.stat()
    if (size < this.seen) return 'truncated'
    if (size === this.seen && mtimeMs === this.#mtimeMs) return 'idle'
    if (!(await this.#headHolds())) return 'truncated'
    this.#mtimeMs = mtimeMs
    if (size === this.seen) return 'idle'
    while (!this.#context.signal.aborted && (await this.#readChunk()));
    return 'progress'
  }

  /** Hands out what stands after the last newline: the file gets no more. */
  async flushPartial(): Promise<void> {
    const rest = this.#partial
    if (rest.length === 0) return
    const encoding = await this.#lineEncoding()
    const builder = new LogsBatchBuilder(1)
    builder.adopt(rest)
    const { seconds, nanos } = this.#context.stamp(1)
    encoding.append(builder, rest, 0, rest.length, builder.stream(this.#context.labels), seconds, nanos)
    this.#partial = new Uint8Array(0)
    this.#position += rest.length
    this.#emit(builder.build(), rest.length)
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
    const chunk = await buffers.take()
    let kept = false
    try {
      const { read, end } = await this.#fill(chunk, encoding)
      this.#partial = chunk.bytes.slice(end, read)
      if (end > 0) kept = this.#handOut(encoding, chunk, end)
      return read === chunk.bytes.length
    } finally {
      if (!kept) buffers.give(chunk)
      buffers.done()
    }
  }

  /** Reads into the chunk, which grows to the longest line allowed where it holds no end of one. */
  async #fill(chunk: Chunk, encoding: LineEncoding): Promise<{ readonly read: number; readonly end: number }> {
    for (;;) {
      const { bytes } = chunk
      const read = await this.#file.read(bytes, this.#position)
      const end = lastLineEnd(encoding, bytes, read)
      if (end > 0 || read < bytes.length) return { read, end }
      if (read >= lineBytesMax) return { read, end: read }
      chunk.bytes = new Uint8Array(Math.min(lineBytesMax, bytes.length * 2))
    }
  }

  /** @returns whether the batch keeps the chunk: a small one is copied, so that it holds no more memory than it needs */
  #handOut(encoding: LineEncoding, chunk: Chunk, end: number): boolean {
    const { builder } = chunk
    const keeps = end >= chunk.bytes.length / 2
    const bytes = keeps ? chunk.bytes : chunk.bytes.slice(0, end)
    builder.adopt(bytes)
    this.#remember(bytes, end)
    const stream = builder.stream(this.#context.labels)
    const first = this.#context.stamp(Math.ceil(end / encoding.unitBytes))
    appendLines(encoding, builder, bytes, end, stream, first)
    this.#position += end
    if (keeps) this.#emit(builder.lend(), end, chunk)
    else this.#emit(builder.build(), end)
    return keeps
  }

  /** @param chunk the batch's memory, which is used again once it is settled */
  #emit(batch: LogsBatch, bytes: number, chunk?: Chunk): void {
    this.#context.counted(batch.count, bytes)
    const settle = this.inFlight.add(this.#position, bytes, batch.count)
    void this.#context.deliver(batch).then((reached) => {
      if (reached && chunk) this.#context.buffers.give(chunk)
      if (settle(reached)) this.#context.committed(this)
    })
  }

  async #lineEncoding(): Promise<LineEncoding> {
    if (this.#encoding) return this.#encoding
    const head = new Uint8Array(headBytesMax)
    const read = await this.#file.read(head, 0)
    this.#encoding = lineEncoding(this.#context.encoding, head)
    this.#beginning = head.slice(0, Math.min(read, this.#position))
    return this.#encoding
  }

  /** Adds to the known beginning what is handed out of it. */
  #remember(bytes: Uint8Array, end: number): void {
    const known = this.#beginning
    if (known.length >= headBytesMax || this.#position > known.length) return
    const more = bytes.subarray(known.length - this.#position, Math.min(end, headBytesMax - this.#position))
    this.#beginning = new Uint8Array([...known, ...more])
  }

  /** Length and hash of the beginning, as far as `bytesMax`. */
  #head(bytesMax: number): { readonly length: number; readonly hash: number } {
    if (this.#beginning.length === 0 && this.#storedHead.length <= bytesMax) return this.#storedHead
    const length = Math.min(this.#beginning.length, bytesMax)
    return { length, hash: hashHead(this.#beginning, length) }
  }

  /** Whether the file still begins as it did: it may have been truncated and have grown again since. */
  async #headHolds(): Promise<boolean> {
    const { length, hash } = this.#head(headBytesMax)
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
