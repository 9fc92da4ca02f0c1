import type { FastifyRequest } from 'fastify'
import { Problem } from '../problem.ts'

/**
 * Refuses what a page of somebody else makes a browser send. Browsers name the origin of everything that writes; a
 * program that shows its own credential needs none, as nobody can make it send that.
 * @throws Problem `csrf`
 */
export function wantOwnOrigin({ method, headers, principal }: FastifyRequest, registryUrl: string): void {
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return
  if (headers.authorization !== undefined) return
  const { origin, host } = headers
  const own = [new URL(registryUrl).origin, `http://${host}`, `https://${host}`]
  const fromBrowser = origin !== undefined || headers['sec-fetch-site'] !== undefined || principal.kind === 'session'
  if (!fromBrowser || (origin !== undefined && own.includes(origin)) || headers['sec-fetch-site'] === 'same-origin')
    return
  throw new Problem(
    'csrf',
    `Cannot do that for ${origin ?? 'a page that does not say where it is from'}: want a page of this registry`,
  )
}
