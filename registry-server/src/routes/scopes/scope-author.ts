import type { FastifyRequest } from 'fastify'
import { authorOf } from '../../access/principal.ts'
import type { Registry } from '../../registry.ts'
import type { ScopeAuthor } from '../../storage/meta/scope-store.ts'

/** Who changes a scope by a request, now. */
export function scopeAuthor(
  { url, clock }: Registry,
  { principal, ip }: Pick<FastifyRequest, 'principal' | 'ip'>,
): ScopeAuthor {
  return { ...authorOf(principal, ip), registry: url, at: clock().toISOString() }
}
