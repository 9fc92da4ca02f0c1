import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs'
import { open, readFile, stat, truncate, type FileHandle } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { scanRecords } from './record.ts'
import { setAside } from './set-aside.ts'

/** Before the data of each record's payload: sequence (8 bytes, a double) and count of telemetry records (4). */
export const recordPrefixBytes = 12
/** In the file of acknowledgements: sequence relative to the segment's first (4), and its checksum (4). */
const acknowledgementBytes = 8

export interface StoredRecord {
  readonly sequence: number
  readonly segment: Segment
  /** Where the data begins in the segment's file. */
  readonly position: number
  readonly length: number
  readonly count: number
}

export function encodePrefix(sequence: number, count: number): Buffer {
  const prefix = Buffer.allocUnsafe(recordPrefixBytes)
  prefix.writeDoubleLE(sequence, 0)
  prefix.writeUInt32LE(count, 8)
  return prefix
}

/** One file of records and one of what has been acknowledged of it. Both go when nothing is left. */
export class Segment {
  readonly path: string
  readonly firstSequence: number
  /** Records that are not acknowledged. */
  live = 0
  readonly #fresh: boolean
  #freshReader: number | undefined
  #reader: Promise<FileHandle> | undefined
  #acknowledgements: number | undefined

  /** `fresh`: written by this process, and so in the page cache, where reading it takes less than handing the read to another thread. */
  constructor(path: string, firstSequence: number, fresh: boolean) {
    this.path = path
    this.#fresh = fresh
    this.firstSequence = firstSequence
  }

  /** Reads what a former process left: the records that nobody has acknowledged, and how many stretches were unreadable. */
  async recover(): Promise<{
    readonly records: readonly StoredRecord[]
    readonly lastSequence: number
    readonly unreadable: number
  }> {
    const bytes = await readFile(this.path)
    const { payloads, goodEnd, unreadable } = scanRecords(bytes)
    if (unreadable.length > 0) {
      // What is damaged between good records stays where it is, and so is set aside the first time only.
      if (!(await exists(`${this.path}.unreadable`))) await setAside(this.path, bytes, unreadable)
      await truncate(this.path, goodEnd)
    }
    const acknowledged = await this.#readAcknowledged()
    const records: StoredRecord[] = []
    let lastSequence = this.firstSequence - 1
    for (const { start, end } of payloads) {
      if (end - start < recordPrefixBytes) continue
      const sequence = bytes.readDoubleLE(start)
      if (!Number.isSafeInteger(sequence) || sequence <= lastSequence) continue
      lastSequence = sequence
      if (acknowledged.has(sequence)) continue
      const position = start + recordPrefixBytes
      records.push({ sequence, segment: this, position, length: end - position, count: bytes.readUInt32LE(start + 8) })
    }
    this.live = records.length
    return { records, lastSequence, unreadable: unreadable.length }
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafe(length)
    let at = 0
    while (at < length) {
      const bytesRead = this.#fresh ? this.#readNow(bytes, at, position) : await this.#readLater(bytes, at, position)
      if (bytesRead === 0) throw new Error(`Cannot read the record at ${position}: the file ends at ${position + at}`)
      at += bytesRead
    }
    return bytes
  }

  #readNow(into: Buffer, at: number, position: number): number {
    this.#freshReader ??= openSync(this.path, 'r')
    return readSync(this.#freshReader, into, at, into.length - at, position + at)
  }

  async #readLater(into: Buffer, at: number, position: number): Promise<number> {
    this.#reader ??= open(this.path, 'r')
    const { bytesRead } = await (await this.#reader).read(into, at, into.length - at, position + at)
    return bytesRead
  }

  /** Written at once, so that a killed process does not hand the record out again; a power cut may let it come again. */
  acknowledge(sequence: number): void {
    this.live--
    const entry = Buffer.allocUnsafe(acknowledgementBytes)
    entry.writeUInt32LE(sequence - this.firstSequence, 0)
    entry.writeUInt32LE(crc32(entry.subarray(0, 4)), 4)
    this.#acknowledgements ??= openSync(`${this.path}.ack`, 'a')
    writeSync(this.#acknowledgements, entry)
  }

  /** The records first: an acknowledgement without its record is harmless, the other way round a record would come again. */
  async remove(): Promise<void> {
    removeFile(this.path)
    removeFile(`${this.path}.ack`)
    await this.close()
  }

  async close(): Promise<void> {
    const reader = this.#reader
    this.#reader = undefined
    if (this.#acknowledgements !== undefined) closeSync(this.#acknowledgements)
    this.#acknowledgements = undefined
    if (this.#freshReader !== undefined) closeSync(this.#freshReader)
    this.#freshReader = undefined
    await (await reader?.catch(() => undefined))?.close()
  }

  async #readAcknowledged(): Promise<ReadonlySet<number>> {
    const bytes = await readFile(`${this.path}.ack`).catch(() => Buffer.alloc(0))
    const whole = bytes.length - (bytes.length % acknowledgementBytes)
    // A cut-off entry would shift all that are appended after it.
    if (whole !== bytes.length) await truncate(`${this.path}.ack`, whole)
    const acknowledged = new Set<number>()
    for (let at = 0; at < whole; at += acknowledgementBytes) {
      if (crc32(bytes.subarray(at, at + 4)) === bytes.readUInt32LE(at + 4))
        acknowledged.add(this.firstSequence + bytes.readUInt32LE(at))
    }
    return acknowledged
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
