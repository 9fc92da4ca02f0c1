import { close, fdatasync, ftruncate, open, writev } from 'node:fs'
import { promisify } from 'node:util'
import { recordHeader, recordHeaderBytes } from './record.ts'

const openFile = promisify(open)
const closeFile = promisify(close)
const truncateFile = promisify(ftruncate)
const syncFile = promisify(fdatasync)

/**
 * Time between the starts of two commits. A record that comes alone is committed at once; records that come close
 * together share a commit. A write and a sync stay far below what is left to the 50 ms in which a record is durable.
 */
const commitIntervalMs = 10
/** Buffers of one writev(2): the limit of Linux (IOV_MAX). */
const buffersPerWriteMax = 1024

interface Waiting {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/** Where a record's payload begins in its file, and when it is durable. */
export interface Appended {
  readonly position: number
  readonly durable: Promise<void>
}

/** Appends records to one file and makes them durable in groups. The first failure is final: what follows fails as well. */
export class Appender {
  readonly #fd: number
  #end: number
  #written: number
  #buffers: Uint8Array[] = []
  #waiting: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  #committing: Promise<void> | undefined
  #startedAt = -Infinity
  #failure: Error | undefined
  #closed = false

  private constructor(fd: number, end: number) {
    this.#fd = fd
    this.#end = end
    this.#written = end
  }

  /** Opens or makes the file, and cuts it to its first `end` bytes. */
  static async open(path: string, end: number): Promise<Appender> {
    // Not in append mode: positions are given with each write, so that a failed write leaves no shift behind.
    const fd = await openFile(path, end === 0 ? 'w' : 'r+')
    if (end > 0) await truncateFile(fd, end)
    return new Appender(fd, end)
  }

  /** Bytes of the file, with what is about to be written. */
  get end(): number {
    return this.#end
  }

  /** `parts` must not change until the record is durable. */
  append(parts: readonly Uint8Array[]): Appended {
    if (this.#failure) throw this.#failure
    if (this.#closed) throw new Error('Cannot append: the file is closed')
    const position = this.#end + recordHeaderBytes
    const header = recordHeader(parts, this.#end)
    this.#buffers.push(header, ...parts)
    for (const part of parts) this.#end += part.length
    this.#end += header.length
    const durable = new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    this.#schedule()
    return { position, durable }
  }

  /** Commits what is waiting and closes the file. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#timer)
    while (this.#committing) await this.#committing
    await this.#commit()
    await closeFile(this.#fd)
  }

  #schedule(): void {
    if (this.#committing || this.#timer) return
    const delay = Math.max(0, this.#startedAt + commitIntervalMs - performance.now())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#committing = this.#commit().finally(() => {
        this.#committing = undefined
        if (this.#buffers.length > 0 && !this.#closed) this.#schedule()
      })
    }, delay)
  }

  async #commit(): Promise<void> {
    if (this.#buffers.length === 0) return
    this.#startedAt = performance.now()
    const buffers = this.#buffers
    const waiting = this.#waiting
    const position = this.#written
    this.#written = this.#end
    this.#buffers = []
    this.#waiting = []
    try {
      if (this.#failure) throw this.#failure
      await writeAll(this.#fd, buffers, position)
      await syncFile(this.#fd)
      for (const { resolve } of waiting) resolve()
    } catch (error) {
      this.#failure = error as Error
      for (const { reject } of waiting) reject(error as Error)
    }
  }
}

async function writeAll(fd: number, buffers: readonly Uint8Array[], at: number): Promise<void> {
  let position = at
  for (let i = 0; i < buffers.length; i += buffersPerWriteMax) {
    let rest = buffers.slice(i, i + buffersPerWriteMax)
    while (rest.length > 0) {
      const written = await writeOnce(fd, rest, position)
      position += written
      rest = skip(rest, written)
    }
  }
}

function writeOnce(fd: number, buffers: readonly Uint8Array[], position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    writev(fd, buffers, position, (error, written) => (error ? reject(error) : resolve(written)))
  })
}

function skip(buffers: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes
  let i = 0
  while (i < buffers.length && left >= buffers[i]!.length) left -= buffers[i++]!.length
  const rest = buffers.slice(i)
  if (left > 0 && rest[0]) rest[0] = rest[0].subarray(left)
  return rest
}
