import { putVarint, varintSize, wireType } from '../protobuf/protobuf-writer.ts'
import type { OtelBatch, OtelSignal } from './batch.ts'
import { FieldCursor } from './field-cursor.ts'
import type { Slice } from './slices.ts'

/**
 * Cuts a batch into pieces: the first of `first` records, the others of at most `max`. Records keep their order. What
 * is around a record (its Resource*, Scope* and Metric, their other fields included) is repeated in each piece.
 * A batch that fits is returned as it is.
 */
export function splitOtel(batch: OtelBatch, max: number, first = max): OtelBatch[] {
  if (!(max >= 1 && first >= 1))
    throw new Error(`Cannot split a batch: found a size of ${Math.min(max, first)}, want at least 1`)
  if (batch.count <= first) return [batch]
  const splitter = new Splitter(batch, max, first)
  return splitter.run()
}

/** Depth of records below the request, and the fields that lead down to them. */
const pathOf: Readonly<Record<OtelSignal, readonly (readonly number[])[]>> = {
  'otel.traces': [[1], [2], [2]],
  'otel.logs': [[1], [2], [2]],
  'otel.metrics': [[1], [2], [2], [5, 7, 9, 10, 11], [1]],
}

/** An open message on the way down to the records: its own fields, and what of its children goes into this piece. */
interface Frame {
  /** The number of the field of its parent that it is the value of. */
  readonly field: number
  readonly message: Slice
  readonly own: readonly Slice[]
  parts: (Slice | Uint8Array)[]
}

class Splitter {
  readonly #batch: OtelBatch
  readonly #max: number
  readonly #path: readonly (readonly number[])[]
  readonly #pieces: OtelBatch[] = []
  readonly #frames: Frame[] = []
  #room: number
  #taken = 0

  constructor(batch: OtelBatch, max: number, first: number) {
    this.#batch = batch
    this.#max = max
    this.#room = first
    this.#path = pathOf[batch.type]
  }

  run(): OtelBatch[] {
    this.#fill(0, this.#open(0, { start: 0, end: this.#batch.bytes.length }, 0))
    this.#flush()
    return this.#pieces
  }

  #open(level: number, message: Slice, field: number): Frame {
    const own = ownFields(this.#batch.bytes, message, this.#path[level]!)
    const frame: Frame = { field, message, own, parts: [] }
    this.#frames.push(frame)
    return frame
  }

  /** Takes the children of a message at `level`, as many as fit into the piece, and goes on with the next piece. */
  #fill(level: number, frame: Frame): void {
    const { bytes } = this.#batch
    const fields = this.#path[level]!
    const cursor = new FieldCursor(bytes, frame.message.start, frame.message.end)
    while (cursor.next()) {
      if (cursor.wire !== wireType.bytes || !fields.includes(cursor.number)) continue
      const records = countRecords(bytes, this.#path, level + 1, cursor.start, cursor.end)
      if (this.#room === 0 && records > 0) this.#flush()
      if (records <= this.#room) {
        append(frame.parts, cursor.tagStart, cursor.end)
        this.#room -= records
        this.#taken += records
        continue
      }
      const child = this.#open(level + 1, { start: cursor.start, end: cursor.end }, cursor.number)
      this.#fill(level + 1, child)
      this.#frames.pop()
      this.#close(child, frame)
    }
  }

  /** Puts what is in a message into its parent, when records of this piece are in it. */
  #close(frame: Frame, parent: Frame): void {
    if (frame.parts.length > 0) parent.parts.push(this.#wrap(frame, true))
    frame.parts = []
  }

  /** Ends the piece: all open messages are closed around what they have, and stay open, empty, for the next piece. */
  #flush(): void {
    if (this.#taken > 0) {
      for (let i = this.#frames.length - 1; i > 0; i--) this.#close(this.#frames[i]!, this.#frames[i - 1]!)
      const bytes = this.#wrap(this.#frames[0]!, false)
      this.#frames[0]!.parts = []
      this.#pieces.push({ ...this.#batch, count: this.#taken, bytes })
    }
    this.#taken = 0
    this.#room = this.#max
  }

  #wrap(frame: Frame, tagged: boolean): Uint8Array {
    const { bytes } = this.#batch
    let size = 0
    for (const slice of frame.own) size += slice.end - slice.start
    for (const part of frame.parts) size += part instanceof Uint8Array ? part.length : part.end - part.start
    const tag = frame.field * 8 + wireType.bytes
    const head = tagged ? varintSize(tag) + varintSize(size) : 0
    const out = new Uint8Array(head + size)
    let position = tagged ? putVarint(out, putVarint(out, 0, tag), size) : 0
    for (const part of [...frame.own, ...frame.parts]) {
      const data = part instanceof Uint8Array ? part : bytes.subarray(part.start, part.end)
      out.set(data, position)
      position += data.length
    }
    return out
  }
}

/** The fields of a message that are not on the way to records. Neighbours are one slice. */
function ownFields(bytes: Uint8Array, message: Slice, path: readonly number[]): Slice[] {
  const own: Slice[] = []
  const cursor = new FieldCursor(bytes, message.start, message.end)
  while (cursor.next()) {
    if (cursor.wire === wireType.bytes && path.includes(cursor.number)) continue
    append(own, cursor.tagStart, cursor.end)
  }
  return own
}

function append(parts: (Slice | Uint8Array)[], start: number, end: number): void {
  const last = parts.at(-1)
  if (last && !(last instanceof Uint8Array) && last.end === start) parts[parts.length - 1] = { start: last.start, end }
  else parts.push({ start, end })
}

/** Records inside the message at `level` of the path; the message at the end of the path is one. */
function countRecords(
  bytes: Uint8Array,
  path: readonly (readonly number[])[],
  level: number,
  start: number,
  end: number,
): number {
  if (level === path.length) return 1
  const fields = path[level]!
  const last = level === path.length - 1
  let count = 0
  const cursor = new FieldCursor(bytes, start, end)
  while (cursor.next()) {
    if (cursor.wire !== wireType.bytes || !fields.includes(cursor.number)) continue
    count += last ? 1 : countRecords(bytes, path, level + 1, cursor.start, cursor.end)
  }
  return count
}
