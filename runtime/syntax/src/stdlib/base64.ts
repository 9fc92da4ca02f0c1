import { CallError } from '../evaluate/call-error.ts'

type Alphabet = 'standard' | 'url'

/** Bytes of a text that are turned to characters at once: more are too many arguments for one call. */
const CHUNK_BYTES = 8192

export function encodeBase64(text: string, alphabet: Alphabet): string {
  const bytes = new TextEncoder().encode(text)
  let binary = ''
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES))
  }
  const encoded = btoa(binary)
  return alphabet === 'url' ? encoded.replaceAll('+', '-').replaceAll('/', '_') : encoded
}

/** Padding is required, line breaks are skipped; bytes that are not UTF-8 become U+FFFD. */
export function decodeBase64(text: string, alphabet: Alphabet): string {
  const packed = text.replace(/[\r\n]/g, '')
  const shape = alphabet === 'url' ? /^[A-Za-z0-9_-]*={0,2}$/ : /^[A-Za-z0-9+/]*={0,2}$/
  if (packed.length % 4 !== 0 || !shape.test(packed)) {
    throw new CallError(
      'function-failed',
      `the text is not ${alphabet === 'url' ? 'URL-safe ' : ''}base64 with padding`,
    )
  }
  const binary = atob(packed.replaceAll('-', '+').replaceAll('_', '/'))
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(
    Uint8Array.from(binary, (character) => character.charCodeAt(0)),
  )
}
