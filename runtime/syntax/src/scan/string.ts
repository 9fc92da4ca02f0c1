import { diagnose } from '../diagnose/diagnose.ts'
import type { Diagnostic } from '../diagnostic.ts'

export interface ScannedString {
  /** The decoded text; of a broken string, as much as could be decoded. */
  readonly text: string
  /** The offset after the closing quote. */
  readonly end: number
}

/** Reads a raw string that begins at `start` with a backtick. Carriage returns are not part of its value. */
export function scanRawString(
  source: string,
  start: number,
  file: string,
  report: (d: Diagnostic) => void,
): ScannedString {
  const close = source.indexOf('`', start + 1)
  if (close === -1) report(unterminated(file, start, lineEnd(source, start), '`'))
  const end = close === -1 ? source.length : close
  return { text: source.slice(start + 1, end).replaceAll('\r', ''), end: close === -1 ? end : close + 1 }
}

/** What stands for itself in a string of either quote. */
const plainPattern = /[^"'\\\n]*/y

/** Reads a string that begins at `start` with a quote and ends with the same quote on the same line. */
export function scanString(
  source: string,
  start: number,
  file: string,
  report: (d: Diagnostic) => void,
): ScannedString {
  const quote = source[start]!
  const text = new TextBuilder()
  let at = start + 1
  for (;;) {
    plainPattern.lastIndex = at
    const [plain] = plainPattern.exec(source)!
    text.append(plain)
    at += plain.length
    const ch = source[at]
    if (ch === undefined || ch === '\n') {
      report(unterminated(file, start, at, quote))
      return { text: text.finish(), end: at }
    }
    if (ch === quote) return { text: text.finish(), end: at + 1 }
    if (ch === '\\') {
      at = scanEscape(source, at, file, text, report)
    } else {
      text.append(ch)
      at++
    }
  }
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
}

/** `\NNN` and `\xNN` give a byte, `\uNNNN` and `\UNNNNNNNN` a code point. */
const numericEscapes = [
  { pattern: /\\([0-7]{3})/y, base: 8, max: 0xff, bytes: true },
  { pattern: /\\x([0-9a-fA-F]{2})/y, base: 16, max: 0xff, bytes: true },
  { pattern: /\\u([0-9a-fA-F]{4})/y, base: 16, max: 0x10ffff, bytes: false },
  { pattern: /\\U([0-9a-fA-F]{8})/y, base: 16, max: 0x10ffff, bytes: false },
] as const

/** @returns the offset after the escape; after a broken one, of the first character that does not belong to it. */
function scanEscape(
  source: string,
  at: number,
  file: string,
  text: TextBuilder,
  report: (d: Diagnostic) => void,
): number {
  const simple = simpleEscapes[source[at + 1] ?? '']
  if (simple !== undefined) {
    text.append(simple)
    return at + 2
  }
  for (const { pattern, base, max, bytes } of numericEscapes) {
    pattern.lastIndex = at
    const match = pattern.exec(source)
    if (!match) continue
    const end = at + match[0].length
    const value = Number.parseInt(match[1]!, base)
    const surrogate = value >= 0xd800 && value < 0xe000
    if (value > max || surrogate) report(invalidEscape(file, at, end, match[0], 'no such character'))
    else if (bytes) text.appendByte(value)
    else text.append(String.fromCodePoint(value))
    return end
  }
  const next = source[at + 1] === '\n' ? '' : (source[at + 1] ?? '')
  const reason = /[0-7xuU]/.test(next) ? 'incomplete escape' : 'unknown escape'
  report(invalidEscape(file, at, at + 1 + next.length, `\\${next}`, reason))
  return at + 1
}

/** Bytes given one by one join to UTF-8 characters with their neighbours; what is not UTF-8 becomes U+FFFD. */
class TextBuilder {
  #text = ''
  #bytes: number[] = []

  append(text: string): void {
    if (text === '') return
    this.#flush()
    this.#text += text
  }

  appendByte(byte: number): void {
    if (byte < 0x80) this.append(String.fromCharCode(byte))
    else this.#bytes.push(byte)
  }

  finish(): string {
    this.#flush()
    return this.#text
  }

  #flush(): void {
    if (this.#bytes.length === 0) return
    this.#text += new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(this.#bytes))
    this.#bytes = []
  }
}

function lineEnd(source: string, start: number): number {
  const end = source.indexOf('\n', start)
  return end === -1 ? source.length : end
}

function unterminated(file: string, start: number, end: number, quote: string): Diagnostic {
  const message = `Cannot read string: found no closing ${quote}`
  return diagnose('unterminated-string', { file, span: { start, end } }, message)
}

function invalidEscape(file: string, start: number, end: number, text: string, reason: string): Diagnostic {
  return diagnose('invalid-escape', { file, span: { start, end } }, `Cannot read escape "${text}": ${reason}`)
}
