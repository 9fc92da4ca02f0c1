const base64Digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const hexDigits = '0123456789abcdef'

/** Value of each digit by its character code; 255 for what is no digit. */
const base64Values = digitValues(base64Digits)
base64Values['-'.charCodeAt(0)] = 62
base64Values['_'.charCodeAt(0)] = 63
const hexValues = digitValues(hexDigits)
for (let i = 10; i < 16; i++) hexValues[hexDigits.charCodeAt(i) - 32] = i

/** Base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += base64Digits[word >> 18]! + base64Digits[(word >> 12) & 63]!
    text += (left > 1 ? base64Digits[(word >> 6) & 63]! : '=') + (left > 2 ? base64Digits[word & 63]! : '=')
  }
  return text
}

/** Reads base64 in both alphabets, with or without padding; undefined when the text is something else. */
export function fromBase64(text: string): Uint8Array | undefined {
  const digits = text.replace(/={1,2}$/, '')
  if (digits.length % 4 === 1) return undefined
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4))
  let word = 0
  let at = 0
  for (let i = 0; i < digits.length; i++) {
    const value = base64Values[digits.charCodeAt(i)] ?? 255
    if (value === 255) return undefined
    word = (word << 6) | value
    if (i % 4 > 0) bytes[at++] = (word >> (6 - 2 * (i % 4))) & 255
  }
  return bytes
}

export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexDigits[byte >> 4]! + hexDigits[byte & 15]!
  return text
}

/** Reads hexadecimal digits of either case; undefined when the text is something else. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0) return undefined
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    const high = hexValues[text.charCodeAt(2 * i)] ?? 255
    const low = hexValues[text.charCodeAt(2 * i + 1)] ?? 255
    if (high === 255 || low === 255) return undefined
    bytes[i] = high * 16 + low
  }
  return bytes
}

function digitValues(digits: string): Uint8Array {
  const values = new Uint8Array(128).fill(255)
  for (let i = 0; i < digits.length; i++) values[digits.charCodeAt(i)] = i
  return values
}
