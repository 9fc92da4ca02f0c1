import { decodeUtf8 } from '../utf8/utf8.ts'

/** Name and labels of a series as an exposition writes them, in its order; the name is a pair `__name__` at the front. */
export type LabelPairs = [string, string][]

const quote = 0x22
const backslash = 0x5c

/** Where the series of a line ends: after its closing brace, or after its name. -1 when a brace or a quote stays open. */
export function seriesEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && !isBlank(bytes[at]!) && bytes[at] !== 0x7b) at++
  const nameEnd = at
  while (at < end && isBlank(bytes[at]!)) at++
  if (bytes[at] !== 0x7b || at >= end) return nameEnd
  let quoted = false
  for (at++; at < end; at++) {
    const byte = bytes[at]!
    if (byte === quote) quoted = !quoted
    else if (quoted && byte === backslash) at++
    else if (!quoted && byte === 0x7d) return at + 1
  }
  return -1
}

/**
 * Reads `name{label="value",…}` (also `{"quoted name",label="value"}`) in `bytes[start…end)`.
 * @throws Error with what was found, without a line number.
 */
export function parseSeries(bytes: Uint8Array, start: number, end: number): LabelPairs {
  return new SeriesReader(bytes, start, end).read()
}

class SeriesReader {
  readonly #bytes: Uint8Array
  #at: number
  readonly #end: number
  readonly #pairs: LabelPairs = []

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  read(): LabelPairs {
    const name = this.#word()
    if (name !== '') this.#pairs.push(['__name__', name])
    this.#blank()
    if (this.#at < this.#end) this.#labels()
    if (this.#pairs[0]?.[0] !== '__name__') throw new Error('found a sample without a metric name')
    return this.#pairs
  }

  #labels(): void {
    this.#want(0x7b, '"{"')
    for (;;) {
      this.#blank()
      if (this.#bytes[this.#at] === 0x7d) break
      this.#label()
      this.#blank()
      if (this.#bytes[this.#at] !== 0x2c) break
      this.#at++
    }
    this.#want(0x7d, '"," or "}"')
    if (this.#at !== this.#end) throw new Error('found text after "}", want a value')
  }

  #label(): void {
    const isQuoted = this.#bytes[this.#at] === quote
    const name = isQuoted ? this.#quoted() : this.#word()
    this.#blank()
    if (isQuoted && this.#bytes[this.#at] !== 0x3d) {
      if (this.#pairs.some(([known]) => known === '__name__')) throw new Error('found two metric names')
      this.#pairs.unshift(['__name__', name])
      return
    }
    if (name === '') throw new Error('found no label name')
    this.#want(0x3d, '"="')
    this.#blank()
    if (this.#bytes[this.#at] !== quote) throw new Error(`found no quoted value of label "${name}"`)
    const value = this.#quoted()
    if (this.#pairs.some(([known]) => known === name)) throw new Error(`found label "${name}" twice`)
    this.#pairs.push([name, value])
  }

  #word(): string {
    const start = this.#at
    const bytes = this.#bytes
    let at = start
    while (at < this.#end && isNameByte(bytes[at]!) && !(at === start && bytes[at]! >= 0x30 && bytes[at]! <= 0x39)) at++
    if (
      at < this.#end &&
      !isBlank(bytes[at]!) &&
      bytes[at] !== 0x7b &&
      bytes[at] !== 0x3d &&
      bytes[at] !== 0x7d &&
      bytes[at] !== 0x2c
    ) {
      throw new Error(`found ${JSON.stringify(decodeUtf8(bytes, at, Math.min(at + 8, this.#end)))} in a name`)
    }
    this.#at = at
    return decodeUtf8(bytes, start, at)
  }

  #quoted(): string {
    const bytes = this.#bytes
    const start = ++this.#at
    let escaped = false
    while (this.#at < this.#end && bytes[this.#at] !== quote) {
      if (bytes[this.#at] === backslash) {
        escaped = true
        this.#at++
      }
      this.#at++
    }
    if (this.#at >= this.#end) throw new Error('found a label value without its closing quote')
    const text = decodeUtf8(bytes, start, this.#at++)
    return escaped ? unescape(text) : text
  }

  #blank(): void {
    while (this.#at < this.#end && isBlank(this.#bytes[this.#at]!)) this.#at++
  }

  #want(byte: number, what: string): void {
    if (this.#at >= this.#end || this.#bytes[this.#at] !== byte) {
      const found =
        this.#at < this.#end
          ? JSON.stringify(decodeUtf8(this.#bytes, this.#at, Math.min(this.#at + 8, this.#end)))
          : 'the end of the series'
      throw new Error(`found ${found}, want ${what}`)
    }
    this.#at++
  }
}

/** `\\`, `\"` and `\n`; any other backslash stays, as Prometheus' parser leaves it. */
export function unescape(text: string): string {
  return text.replace(/\\([\\"n])/g, (_, char: string) => (char === 'n' ? '\n' : char))
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09
}

/** `[a-zA-Z0-9_:]`. */
function isNameByte(byte: number): boolean {
  return (
    (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x30 && byte <= 0x3a) || byte === 0x5f
  )
}
