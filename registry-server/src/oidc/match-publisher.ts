import type { JWTPayload } from 'jose'
import type { TrustedPublisher } from '../storage/meta/publisher-store.ts'
import type { OidcIssuer } from './issuers.ts'

/** What differs between an identity and who is trusted; only owners are told. */
export interface ClaimMismatch {
  readonly claim: string
  readonly found: string | null
  readonly wanted: string
}

/** Nothing: it is the trusted one. */
export function mismatches(
  publisher: TrustedPublisher,
  { claims: names, refusedEvents }: OidcIssuer,
  claims: JWTPayload,
): ClaimMismatch[] {
  const compared: (ClaimMismatch | undefined)[] = [
    compare(names.ownerId, claims, publisher.ownerId),
    compare(names.repositoryId, claims, publisher.repositoryId),
    compare(names.workflow, claims, publisher.workflow, isWorkflow),
    publisher.environment === null ? undefined : compare(names.environment, claims, publisher.environment),
    publisher.refPattern === null ? undefined : compare(names.ref, claims, publisher.refPattern, matchesPattern),
  ]
  const event = names.event === undefined ? undefined : text(claims, names.event)
  if (event !== undefined && refusedEvents.includes(event)) {
    compared.push({ claim: names.event!, found: event, wanted: `none of ${refusedEvents.join(', ')}` })
  }
  return compared.filter((each) => each !== undefined)
}

export function text(claims: JWTPayload, name: string | undefined): string | undefined {
  const value = name === undefined ? undefined : claims[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

function compare(
  name: string | undefined,
  claims: JWTPayload,
  wanted: string,
  fits = (found: string, wanted: string): boolean => found === wanted,
): ClaimMismatch | undefined {
  const found = text(claims, name)
  if (found !== undefined && fits(found, wanted)) return undefined
  return { claim: name ?? 'none of this issuer', found: found ?? null, wanted }
}

/** `release.yml` of `acme/redact/.github/workflows/release.yml@refs/heads/main`; or all of it before the `@`. */
function isWorkflow(found: string, wanted: string): boolean {
  const [path = ''] = found.split('@')
  return path === wanted || path.endsWith(`/${wanted}`)
}

/** Stars stand for anything. */
function matchesPattern(found: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(found)
}
