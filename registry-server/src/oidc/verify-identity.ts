import { createRemoteJWKSet, decodeJwt, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { z } from 'zod'
import { Problem } from '../problem.ts'
import type { OidcIssuer } from './issuers.ts'

/** An issuer that does not answer must not hold requests. */
const fetchTimeoutMs = 5_000
/** A key that its issuer has taken back is not believed for longer. */
const keysCachedMs = 5 * 60_000
/** An unknown key makes the issuer be asked again, not more often than this. */
const keysCooldownMs = 5_000
/** Identities live for minutes; an old one was lying somewhere. */
const ageSecondsMax = 15 * 60
const clockToleranceSeconds = 30
/** Only signatures that nobody can make who has but the public key. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

const discoveryDocument = z.object({ issuer: z.string(), jwks_uri: z.url() })

export interface Identity {
  readonly issuer: OidcIssuer
  readonly claims: JWTPayload & { readonly jti: string; readonly exp: number }
}

/** Verifies identities that issuers have signed for this registry. */
export class IdentityVerifier {
  readonly #issuers: ReadonlyMap<string, OidcIssuer>
  readonly #audience: string
  readonly #keys = new Map<string, Promise<JWTVerifyGetKey>>()

  constructor(issuers: readonly OidcIssuer[], registryUrl: string) {
    this.#issuers = new Map(issuers.map((issuer) => [issuer.issuer, issuer]))
    this.#audience = registryUrl
  }

  get issuers(): readonly OidcIssuer[] {
    return [...this.#issuers.values()]
  }

  /** @throws Problem `oidc_refused` */
  async verify(jwt: string, now: Date): Promise<Identity> {
    const issuer = this.#issuers.get(claimedIssuer(jwt) ?? '')
    if (!issuer) throw refused('its issuer is none that this registry knows')
    const keys = await this.#keysOf(issuer)
    const { payload } = await jwtVerify(jwt, keys, {
      algorithms,
      issuer: issuer.issuer,
      audience: this.#audience,
      requiredClaims: ['exp', 'iat', 'jti'],
      maxTokenAge: ageSecondsMax,
      clockTolerance: clockToleranceSeconds,
      currentDate: now,
    }).catch((error: Error) => {
      throw refused(error.message)
    })
    // For several: whoever else it is for could use it here.
    if (payload.aud !== this.#audience) throw refused(`it is for others too, want "${this.#audience}" alone`)
    return { issuer, claims: payload as Identity['claims'] }
  }

  async #keysOf({ issuer }: OidcIssuer): Promise<JWTVerifyGetKey> {
    const known = this.#keys.get(issuer)
    if (known) return known
    const found = discoverKeys(issuer)
    this.#keys.set(issuer, found)
    // An issuer that was away is asked again.
    return found.catch((error: unknown) => {
      this.#keys.delete(issuer)
      throw error instanceof Problem ? error : refused(`its issuer cannot be asked: ${(error as Error).message}`)
    })
  }
}

async function discoverKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(fetchTimeoutMs) })
  const document = discoveryDocument.parse(await answer.json())
  if (document.issuer !== issuer) throw refused(`"${issuer}" calls itself "${document.issuer}"`)
  return createRemoteJWKSet(new URL(document.jwks_uri), {
    timeoutDuration: fetchTimeoutMs,
    cacheMaxAge: keysCachedMs,
    cooldownDuration: keysCooldownMs,
  })
}

function claimedIssuer(jwt: string): string | undefined {
  try {
    return decodeJwt(jwt).iss
  } catch {
    return undefined
  }
}

function refused(found: string): Problem {
  return new Problem('oidc_refused', `Cannot take this identity: ${found}`)
}
