import { encodeUtf8 } from '@ingot/telemetry'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Standard base64 of the UTF-8 of `text`, without any host object (RFC 4648 §4). */
export function base64OfText(text: string): string {
  const bytes = encodeUtf8(text)
  let out = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    out += alphabet[word >> 18]! + alphabet[(word >> 12) & 63]!
    out += (left > 1 ? alphabet[(word >> 6) & 63]! : '=') + (left > 2 ? alphabet[word & 63]! : '=')
  }
  return out
}
