import type { ServerRequest } from '@ingot/sdk'

export interface CorsArguments {
  /** `*` in an origin stands for any text. */
  readonly allowed_origins: readonly string[]
  readonly allowed_headers: readonly string[]
  readonly exposed_headers: readonly string[]
  /** Seconds. */
  readonly max_age: number
}

/** What pages may always send: browsers ask leave for the content types of OTLP. */
const alwaysAllowed = ['Accept', 'Content-Type']

/** The headers that let a page of an allowed origin send and read; undefined when the request is of no such page. */
export function corsHeaders(
  cors: CorsArguments | undefined,
  request: ServerRequest,
): Record<string, string> | undefined {
  const { origin } = request.headers
  if (!cors || origin === undefined || !cors.allowed_origins.some((allowed) => matches(allowed, origin)))
    return undefined
  const headers: Record<string, string> = { 'access-control-allow-origin': origin, vary: 'Origin' }
  if (request.method !== 'OPTIONS') {
    if (cors.exposed_headers.length > 0) headers['access-control-expose-headers'] = cors.exposed_headers.join(', ')
    return headers
  }
  const asked = request.headers['access-control-request-headers'] ?? ''
  const all = cors.allowed_headers.includes('*')
  headers['access-control-allow-methods'] = 'POST'
  headers['access-control-allow-headers'] = all ? asked : [...alwaysAllowed, ...cors.allowed_headers].join(', ')
  if (cors.max_age > 0) headers['access-control-max-age'] = String(cors.max_age)
  return headers
}

function matches(allowed: string, origin: string): boolean {
  const star = allowed.indexOf('*')
  if (star < 0) return allowed.toLowerCase() === origin.toLowerCase()
  const [head, tail] = [allowed.slice(0, star).toLowerCase(), allowed.slice(star + 1).toLowerCase()]
  const text = origin.toLowerCase()
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail)
}
