import { diagnose } from './diagnose/diagnose.ts'
import type { Diagnostic } from './diagnostic.ts'

export interface DecodedSource {
  readonly text: string
  /** One, when the bytes are not text; what cannot be decoded is U+FFFD in `text`. */
  readonly diagnostics: readonly Diagnostic[]
}

/** The text of a configuration file: UTF-8, or UTF-16 or UTF-32 with a byte order mark. The mark is left out. */
export function decodeSource(file: string, bytes: Uint8Array): DecodedSource {
  const { text, valid } = decode(bytes)
  if (valid) return { text, diagnostics: [] }
  const at = text.indexOf('\uFFFD')
  const message = 'Cannot read file: found bytes that are not text, want UTF-8'
  return { text, diagnostics: [diagnose('invalid-encoding', { file, span: { start: at, end: at + 1 } }, message)] }
}

function decode(bytes: Uint8Array): { text: string; valid: boolean } {
  // The mark of UTF-32 in little endian begins with that of UTF-16.
  if (startsWith(bytes, [0xff, 0xfe, 0, 0])) return decodeUtf32(bytes, true)
  if (startsWith(bytes, [0, 0, 0xfe, 0xff])) return decodeUtf32(bytes, false)
  if (startsWith(bytes, [0xff, 0xfe])) return decodeAs('utf-16le', bytes)
  if (startsWith(bytes, [0xfe, 0xff])) return decodeAs('utf-16be', bytes)
  return decodeAs('utf-8', bytes)
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte)
}

function decodeAs(encoding: string, bytes: Uint8Array): { text: string; valid: boolean } {
  try {
    return { text: new TextDecoder(encoding, { fatal: true }).decode(bytes), valid: true }
  } catch {
    return { text: new TextDecoder(encoding).decode(bytes), valid: false }
  }
}

function decodeUtf32(bytes: Uint8Array, littleEndian: boolean): { text: string; valid: boolean } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let text = ''
  let valid = bytes.length % 4 === 0
  for (let at = 4; at + 4 <= bytes.length; at += 4) {
    const code = view.getUint32(at, littleEndian)
    const character = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
    valid &&= character
    text += character ? String.fromCodePoint(code) : '\uFFFD'
  }
  return { text: valid || text.includes('\uFFFD') ? text : `${text}\uFFFD`, valid }
}
