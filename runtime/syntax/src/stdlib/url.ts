import { CallError } from '../evaluate/call-error.ts'

/** As in the query of a URL: a space is `+`, and only letters, digits and `-_.~` stand for themselves. */
export function encodeUrl(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')
}

/** Bytes that are not UTF-8 become U+FFFD. */
export function decodeUrl(text: string): string {
  const broken = /%(?![0-9a-fA-F]{2})/.exec(text)
  if (broken) {
    throw new CallError(
      'function-failed',
      `character ${broken.index + 1} is "%" without two hexadecimal digits after it`,
    )
  }
  return text.replaceAll('+', ' ').replace(/(?:%[0-9a-fA-F]{2})+/g, (run) => {
    const bytes = run
      .slice(1)
      .split('%')
      .map((hex) => Number.parseInt(hex, 16))
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes))
  })
}
