import type { HeaderValue, HttpRequest } from '@ingot/sdk'

export interface Sent {
  readonly headers: HttpRequest['headers'] | undefined
  readonly body: HttpRequest['body'] | undefined
}

/** Names and values in turn. Secrets are revealed here, into the request, and nowhere else. */
export function wireHeaders({ headers = {}, body }: Sent, url: URL): string[] {
  const wire: string[] = []
  let authorized = false
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase()
    if (lower === 'content-length') continue
    if (lower === 'authorization') authorized = true
    for (const one of Array.isArray(value) ? (value as readonly HeaderValue[]) : [value as HeaderValue])
      wire.push(name, textOf(one))
  }
  if (!authorized && (url.username !== '' || url.password !== '')) {
    const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
    wire.push('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`)
  }
  if (body !== undefined && !(body instanceof Uint8Array)) {
    let length = 0
    for (const chunk of body) length += chunk.length
    wire.push('content-length', String(length))
  }
  return wire
}

export function textOf(value: HeaderValue): string {
  return typeof value === 'string' ? value : value.reveal()
}
