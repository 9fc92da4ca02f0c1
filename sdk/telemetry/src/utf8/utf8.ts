/**
 * UTF-8 without any host object: isolates have no `TextDecoder`. Where the host has one it serves long texts; short
 * ones, the common case, are faster without it.
 */
const shortBytesMax = 48

interface Decoder {
  decode(bytes: Uint8Array): string
}
interface Encoder {
  encode(text: string): Uint8Array
}
const host = globalThis as {
  TextDecoder?: new (label: string, options: { ignoreBOM: boolean }) => Decoder
  TextEncoder?: new () => Encoder
}
const decoder: Decoder | undefined = host.TextDecoder && new host.TextDecoder('utf-8', { ignoreBOM: true })
const encoder: Encoder | undefined = host.TextEncoder && new host.TextEncoder()

/** Text of `bytes[start…end)`. Invalid sequences become U+FFFD. */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const length = end - start
  if (length <= shortBytesMax) {
    let text = ''
    let at = start
    while (at < end && bytes[at]! < 0x80) text += String.fromCharCode(bytes[at++]!)
    if (at === end) return text
  }
  if (decoder) return decoder.decode(bytes.subarray(start, end))
  return decodePortably(bytes, start, end)
}

/** UTF-8 of `text`; lone surrogates become U+FFFD. */
export function encodeUtf8(text: string): Uint8Array {
  if (encoder) return encoder.encode(text)
  return encodePortably(text)
}

/** The decoder for rooms without a host decoder, after the WHATWG algorithm. */
export function decodePortably(bytes: Uint8Array, start: number, end: number): string {
  const units: number[] = []
  let text = ''
  let at = start
  while (at < end) {
    const first = bytes[at]!
    if (first < 0x80) {
      units.push(first)
      at++
    } else {
      at = decodeMultiByte(bytes, at, end, units)
    }
    if (units.length >= 4096) {
      text += String.fromCharCode(...units)
      units.length = 0
    }
  }
  return text + String.fromCharCode(...units)
}

function decodeMultiByte(bytes: Uint8Array, start: number, end: number, units: number[]): number {
  const first = bytes[start]!
  const needed =
    first >= 0xc2 && first <= 0xdf ? 1 : first >= 0xe0 && first <= 0xef ? 2 : first >= 0xf0 && first <= 0xf4 ? 3 : 0
  let point = needed === 1 ? first & 0x1f : needed === 2 ? first & 0x0f : first & 0x07
  // Overlong forms, surrogates and code points beyond U+10FFFF show in the second byte.
  let lower = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  let upper = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  let at = start + 1
  for (let i = 0; i < needed; i++, at++) {
    const byte = at < end ? bytes[at]! : 0
    if (byte < lower || byte > upper) {
      units.push(0xfffd)
      return at
    }
    point = (point << 6) | (byte & 0x3f)
    lower = 0x80
    upper = 0xbf
  }
  if (needed === 0) units.push(0xfffd)
  else if (point < 0x10000) units.push(point)
  else units.push(0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff))
  return at
}

/** The encoder for rooms without a host encoder. */
export function encodePortably(text: string): Uint8Array {
  const out = new Uint8Array(text.length * 3)
  let at = 0
  for (const char of text) {
    let point = char.codePointAt(0)!
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd
    if (point < 0x80) out[at++] = point
    else if (point < 0x800) {
      out[at++] = 0xc0 | (point >> 6)
      out[at++] = 0x80 | (point & 0x3f)
    } else if (point < 0x10000) {
      out[at++] = 0xe0 | (point >> 12)
      out[at++] = 0x80 | ((point >> 6) & 0x3f)
      out[at++] = 0x80 | (point & 0x3f)
    } else {
      out[at++] = 0xf0 | (point >> 18)
      out[at++] = 0x80 | ((point >> 12) & 0x3f)
      out[at++] = 0x80 | ((point >> 6) & 0x3f)
      out[at++] = 0x80 | (point & 0x3f)
    }
  }
  return out.slice(0, at)
}
