import { decodeJwt, jwtVerify, type JWTPayload } from 'jose'
import { Problem } from '../problem.ts'
import { defaultKeyBounds, IssuerKeys, type KeyBounds } from './issuer-keys.ts'
import type { OidcIssuer } from './issuers.ts'

/** Identities live for minutes; an old one was lying somewhere. */
const ageSecondsMax = 15 * 60
const clockToleranceSeconds = 30
/** Only signatures that nobody can make who has but the public key. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']

export interface Identity {
  readonly issuer: OidcIssuer
  readonly claims: JWTPayload & { readonly jti: string; readonly exp: number }
}

/** Verifies identities that issuers have signed for this registry. */
export class IdentityVerifier {
  readonly #issuers: ReadonlyMap<string, { readonly issuer: OidcIssuer; readonly keys: IssuerKeys }>
  readonly #registryUrl: string

  constructor(issuers: readonly OidcIssuer[], registryUrl: string, bounds: KeyBounds = defaultKeyBounds) {
    this.#issuers = new Map(
      issuers.map((issuer) => [issuer.issuer, { issuer, keys: new IssuerKeys(issuer.issuer, bounds) }]),
    )
    this.#registryUrl = registryUrl
  }

  get issuers(): readonly OidcIssuer[] {
    return [...this.#issuers.values()].map(({ issuer }) => issuer)
  }

  /** For whom an issuer has to make identities, that they are taken here. */
  audienceOf(issuer: string | undefined): string {
    return this.#issuers.get(issuer ?? '')?.issuer.audience ?? this.#registryUrl
  }

  /** @throws Problem `oidc_refused`, `issuer_down` */
  async verify(jwt: string, now: Date): Promise<Identity> {
    const claimed = claimedIssuer(jwt)
    const known = this.#issuers.get(claimed ?? '')
    if (!known) throw refused('its issuer is none that this registry knows')
    const audience = this.audienceOf(claimed)
    const { payload } = await jwtVerify(jwt, known.keys.find, {
      algorithms,
      issuer: known.issuer.issuer,
      audience,
      requiredClaims: ['exp', 'iat', 'jti'],
      maxTokenAge: ageSecondsMax,
      clockTolerance: clockToleranceSeconds,
      currentDate: now,
    }).catch((error: Error) => {
      throw error instanceof Problem ? error : refused(error.message)
    })
    // For several: whoever else it is for could use it here.
    if (payload.aud !== audience) throw refused(`it is for others too, want "${audience}" alone`)
    return { issuer: known.issuer, claims: payload as Identity['claims'] }
  }
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
