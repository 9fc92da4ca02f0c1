import type { FastifyReply } from 'fastify'
import { cacheControl } from '../routes/cache-control.ts'

/** Nothing is loaded but our own sheet, scripts and icon; nothing inline runs; nobody frames us. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export function sendPage(reply: FastifyReply, text: string, caching: string = cacheControl.page): FastifyReply {
  return reply
    .header('cache-control', caching)
    .header('content-security-policy', contentSecurityPolicy)
    .header('vary', 'Cookie')
    .header('referrer-policy', 'same-origin')
    .type('text/html; charset=utf-8')
    .send(text)
}
