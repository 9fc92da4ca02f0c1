import type { Labels } from '../labels.ts'
import type { LogsBatch } from './batch.ts'

/** Offsets into an arena are 32-bit; half of that leaves room for an adopted arena beside copied lines. */
const arenaBytesMax = 2 ** 31

/**
 * Builds {@link LogsBatch}es. Lines are either copied into an arena that grows (`append`), or taken without a copy as
 * spans of an adopted arena (`adopt`, `appendSpan`); both may be mixed. After `build` it is empty and ready again.
 */
export class LogsBatchBuilder {
  #adopted: Uint8Array | undefined
  #adoptedUsed = false
  #own = new Uint8Array(0)
  #ownBytes = 0
  #count = 0
  #lineBytes = 0
  #starts: Uint32Array
  #ends: Uint32Array
  #streamIds: Uint32Array
  #seconds: Float64Array
  #nanos: Uint32Array
  #metadata: (Labels | undefined)[] | undefined
  #streams: Labels[] = []
  #byIdentity = new Map<Labels, number>()
  #byKey = new Map<string, number>()

  /** @param linesMin room for this many lines to begin with */
  constructor(linesMin = 256) {
    this.#starts = new Uint32Array(linesMin)
    this.#ends = new Uint32Array(linesMin)
    this.#streamIds = new Uint32Array(linesMin)
    this.#seconds = new Float64Array(linesMin)
    this.#nanos = new Uint32Array(linesMin)
  }

  get count(): number {
    return this.#count
  }

  /** Bytes of all lines so far, without newlines. */
  get lineBytes(): number {
    return this.#lineBytes
  }

  /** Makes `arena` the one that `appendSpan` refers to. It must not change afterwards. @throws when the batch has an arena already. */
  adopt(arena: Uint8Array): void {
    if (this.#adopted || this.#ownBytes > 0) throw new Error('Cannot adopt an arena: the batch has one already')
    this.#adopted = arena
  }

  /** The id of a label set in the batch being built. */
  stream(labels: Labels): number {
    const known = this.#byIdentity.get(labels)
    if (known !== undefined) return known
    let id = this.#byKey.get(labels.key)
    if (id === undefined) {
      id = this.#streams.length
      this.#streams.push(labels)
      this.#byKey.set(labels.key, id)
    }
    this.#byIdentity.set(labels, id)
    return id
  }

  /** Adds the line `bytes[start…end]` by copying it. */
  append(
    stream: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    seconds: number,
    nanos: number,
    metadata?: Labels,
  ): void {
    const at = this.#ownBytes
    const length = end - start
    if (at + length > this.#own.length) this.#growArena(at + length)
    if (length < 32) for (let i = 0; i < length; i++) this.#own[at + i] = bytes[start + i]!
    else this.#own.set(bytes.subarray(start, end), at)
    this.#ownBytes = at + length
    // Until the batch is built, a copied line is told from a span by its place beyond the adopted arena.
    const base = this.#adopted === undefined ? 0 : this.#adopted.length
    this.#add(stream, base + at, base + at + length, seconds, nanos, metadata)
  }

  /** Adds the line `start … end` of the adopted arena. */
  appendSpan(stream: number, start: number, end: number, seconds: number, nanos: number, metadata?: Labels): void {
    this.#adoptedUsed = true
    this.#add(stream, start, end, seconds, nanos, metadata)
  }

  /**
   * Adds the lines `start … end` of the adopted arena, split at newlines, a carriage return before one left out. Each
   * line gets the time of the one before and a nanosecond.
   */
  appendLines(stream: number, start: number, end: number, seconds: number, nanos: number): void {
    const arena = this.#adopted
    if (!arena) throw new Error('Cannot add lines: no arena was adopted')
    this.#adoptedUsed = true
    let time = seconds
    let nano = nanos
    for (let at = start; at < end; nano++) {
      const found = arena.indexOf(10, at)
      const stop = found < 0 || found > end ? end : found
      if (nano >= 1e9) {
        nano -= 1e9
        time++
      }
      const index = this.#count
      if (index === this.#starts.length) this.#growColumns()
      const last = stop > at && arena[stop - 1] === 13 ? stop - 1 : stop
      this.#starts[index] = at
      this.#ends[index] = last
      this.#streamIds[index] = stream
      this.#seconds[index] = time
      this.#nanos[index] = nano
      if (this.#metadata) this.#metadata[index] = undefined
      this.#lineBytes += last - at
      this.#count = index + 1
      at = stop + 1
    }
  }

  /** The batch of everything added since the last one. */
  build(): LogsBatch {
    const count = this.#count
    return this.#batch(
      this.#starts.slice(0, count),
      this.#ends.slice(0, count),
      this.#streamIds.slice(0, count),
      this.#seconds.slice(0, count),
      this.#nanos.slice(0, count),
    )
  }

  /**
   * Like {@link build}, but the batch's columns are this builder's own, not copies: nothing may be added before the
   * batch is settled.
   */
  lend(): LogsBatch {
    const count = this.#count
    return this.#batch(
      this.#starts.subarray(0, count),
      this.#ends.subarray(0, count),
      this.#streamIds.subarray(0, count),
      this.#seconds.subarray(0, count),
      this.#nanos.subarray(0, count),
    )
  }

  #batch(
    starts: Uint32Array,
    ends: Uint32Array,
    streamIds: Uint32Array,
    seconds: Float64Array,
    nanos: Uint32Array,
  ): LogsBatch {
    const count = this.#count
    const arena = this.#arena(starts, ends)
    const batch = {
      type: 'loki.logs',
      count,
      arena,
      starts,
      ends,
      streamIds,
      streams: this.#streams,
      seconds,
      nanos,
    } as const
    const metadata = this.#metadata
    this.#reset()
    if (!metadata) return batch
    metadata.length = count
    return { ...batch, metadata }
  }

  #arena(starts: Uint32Array, ends: Uint32Array): Uint8Array {
    const adopted = this.#adopted
    if (!adopted) return this.#own.slice(0, this.#ownBytes)
    if (this.#ownBytes === 0) return adopted
    if (this.#adoptedUsed) {
      const both = new Uint8Array(adopted.length + this.#ownBytes)
      both.set(adopted)
      both.set(this.#own.subarray(0, this.#ownBytes), adopted.length)
      return both
    }
    for (let i = 0; i < starts.length; i++) {
      starts[i]! -= adopted.length
      ends[i]! -= adopted.length
    }
    return this.#own.slice(0, this.#ownBytes)
  }

  #add(stream: number, start: number, end: number, seconds: number, nanos: number, metadata: Labels | undefined): void {
    const index = this.#count
    if (index === this.#starts.length) this.#growColumns()
    this.#starts[index] = start
    this.#ends[index] = end
    this.#streamIds[index] = stream
    this.#seconds[index] = seconds
    this.#nanos[index] = nanos
    if (metadata !== undefined) (this.#metadata ??= Array.from({ length: index }))[index] = metadata
    else if (this.#metadata) this.#metadata[index] = undefined
    this.#lineBytes += end - start
    this.#count = index + 1
  }

  #growArena(bytesMin: number): void {
    if (bytesMin > arenaBytesMax) throw new Error(`Cannot add a line: the arena would exceed ${arenaBytesMax} bytes`)
    const next = new Uint8Array(Math.min(arenaBytesMax, Math.max(bytesMin, this.#own.length * 2, 4096)))
    next.set(this.#own.subarray(0, this.#ownBytes))
    this.#own = next
  }

  #growColumns(): void {
    const size = Math.max(256, this.#starts.length * 2)
    this.#starts = grown(this.#starts, new Uint32Array(size))
    this.#ends = grown(this.#ends, new Uint32Array(size))
    this.#streamIds = grown(this.#streamIds, new Uint32Array(size))
    this.#seconds = grown(this.#seconds, new Float64Array(size))
    this.#nanos = grown(this.#nanos, new Uint32Array(size))
  }

  #reset(): void {
    this.#adopted = undefined
    this.#adoptedUsed = false
    this.#ownBytes = 0
    this.#count = 0
    this.#lineBytes = 0
    this.#metadata = undefined
    this.#streams = []
    this.#byIdentity = new Map()
    this.#byKey = new Map()
  }
}

function grown<T extends Uint32Array | Float64Array>(old: T, next: T): T {
  next.set(old)
  return next
}
