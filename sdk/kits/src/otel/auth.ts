import { capsule, type HeaderValue } from '@ingot/sdk'

/** What an `otelcol.auth.*` component exports for clients: the headers (gRPC: metadata) to send with each request. */
export interface OtelAuthHandler {
  readonly headers: Readonly<Record<string, HeaderValue>>
}

/** The `auth` argument of clients. */
export function clientAuth() {
  return capsule<OtelAuthHandler>('otelcol.Handler').optional().describe('Handler of an otelcol.auth component.')
}
