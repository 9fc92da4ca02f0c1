import { Secret, type HttpRequest, type HttpResponse } from '@ingot/sdk'

/** Shorter ones are found in anything, and hide nothing. */
const secretCharactersMin = 4
const mask = 0x2a

/**
 * Masks the secrets of a request in its response: a server that repeats what it was sent must not tell them to the
 * module, which may use them and not read them. What a server makes of a secret (encoded, compressed) cannot be known.
 */
export function withoutEcho(request: HttpRequest, response: HttpResponse): HttpResponse {
  const secrets = secretsOf(request)
  if (secrets.length === 0) return response
  const headers = Object.entries(response.headers).map(([name, value]) => [name, maskText(value, secrets)] as const)
  return { status: response.status, headers: Object.fromEntries(headers), body: maskBytes(response.body, secrets) }
}

export function carriesSecrets(request: HttpRequest): boolean {
  return secretsOf(request).length > 0
}

/** Each as it was given, and without the scheme that stands before it ("Bearer …"). */
function secretsOf({ headers = {} }: HttpRequest): string[] {
  const texts = Object.values(headers)
    .flat()
    .filter((value): value is Secret => value instanceof Secret)
    .map((secret) => secret.reveal())
  const parts = texts.flatMap((text) => [text, text.slice(text.indexOf(' ') + 1)])
  return [...new Set(parts)].filter((text) => text.length >= secretCharactersMin)
}

function maskText(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '*'.repeat(secret.length)), text)
}

function maskBytes(body: Uint8Array, secrets: readonly string[]): Uint8Array {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  for (const secret of secrets) {
    const needle = Buffer.from(secret)
    for (let at = bytes.indexOf(needle); at >= 0; at = bytes.indexOf(needle, at))
      bytes.fill(mask, at, at + needle.length)
  }
  return body
}
