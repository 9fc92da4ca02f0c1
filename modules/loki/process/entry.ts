import { Labels, type LineText, type LogsBatch } from '@ingot/telemetry'
import type { LabelTransitions } from './label-transitions.ts'

/** Values that stages have extracted: text, or what a JSON document holds. */
export type Extracted = string | number | boolean | null

/**
 * The entry that the stages work on: one object for all entries, moved from one to the next. The line stays bytes until
 * a stage asks for its text.
 */
export class Entry {
  readonly #text: LineText
  readonly #transitions: LabelTransitions
  readonly #extracted = new Map<string, Extracted>()
  #initialLabels: Labels = Labels.empty
  #arena = new Uint8Array(0)
  #line: string | undefined
  /** Where the line is in the batch's arena, unless `replaced`. */
  start = 0
  end = 0
  /** The line was replaced by text that stands nowhere in the arena. */
  replaced = false
  labels: Labels = Labels.empty
  metadata: Labels | undefined
  seconds = 0
  nanos = 0
  /** Set by a stage that drops the entry. */
  dropReason: string | undefined

  constructor(text: LineText, transitions: LabelTransitions) {
    this.#text = text
    this.#transitions = transitions
  }

  /** Becomes entry `index` of the batch. */
  load(batch: LogsBatch, index: number): void {
    this.#arena = batch.arena as Uint8Array<ArrayBuffer>
    this.#line = undefined
    this.start = batch.starts[index]!
    this.end = batch.ends[index]!
    this.replaced = false
    this.labels = this.#initialLabels = batch.streams[batch.streamIds[index]!]!
    this.metadata = batch.metadata?.[index]
    this.seconds = batch.seconds[index]!
    this.nanos = batch.nanos[index]!
    this.dropReason = undefined
    if (this.#extracted.size > 0) this.#extracted.clear()
  }

  get arena(): Uint8Array {
    return this.#arena
  }

  get line(): string {
    this.#line ??= this.#text.decode(this.#arena.subarray(this.start, this.end))
    return this.#line
  }

  /** Length of the line in bytes. */
  get lineBytes(): number {
    return this.replaced ? this.#text.encode(this.#line!).length : this.end - this.start
  }

  /** The bytes of a replaced line. */
  encodedLine(): Uint8Array {
    return this.#text.encode(this.#line!)
  }

  replaceLine(line: string): void {
    const before = this.#line
    if (before === line) return
    // In a line of ASCII a part of the text is a part of the bytes: no new bytes are needed.
    if (!this.replaced && before !== undefined && before.length === this.end - this.start) {
      const at = before.indexOf(line)
      if (at >= 0) this.narrowLine(this.start + at, this.start + at + line.length)
      else this.replaced = true
    } else this.replaced = true
    this.#line = line
  }

  /** Makes a part of the line's bytes the line. Only for a line that was not replaced. */
  narrowLine(start: number, end: number): void {
    this.start = start
    this.end = end
    this.#line = undefined
  }

  extract(name: string, value: Extracted): void {
    this.#extracted.set(name, value)
  }

  /** What was extracted under a name; the entry's labels count as extracted from the beginning. */
  extracted(name: string): Extracted | undefined {
    const value = this.#extracted.get(name)
    return value === undefined ? this.#initialLabels.get(name) : value
  }

  /** The extracted value as text; `undefined` when there is none, or null. */
  extractedText(name: string): string | undefined {
    const value = this.extracted(name)
    return value === undefined || value === null ? undefined : textOf(value)
  }

  setLabel(name: string, value: string): void {
    this.labels = this.#transitions.set(this.labels, name, value)
  }

  deleteLabel(name: string): void {
    this.labels = this.#transitions.delete(this.labels, name)
  }

  setMetadata(name: string, value: string): void {
    this.metadata = this.#transitions.set(this.metadata ?? Labels.empty, name, value)
  }

  deleteMetadata(name: string): void {
    if (!this.metadata) return
    const rest = this.#transitions.delete(this.metadata, name)
    this.metadata = rest.size === 0 ? undefined : rest
  }
}

/** Numbers in Go's shortest notation without an exponent. */
function textOf(value: string | number | boolean): string {
  if (typeof value !== 'number') return String(value)
  const text = String(value)
  if (!text.includes('e')) return text
  return Number.isInteger(value) ? BigInt(value).toString() : value.toFixed(20).replace(/0+$/, '')
}
