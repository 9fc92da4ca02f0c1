import type { PublishPredicate } from '@ingot/trust'
import { credentialHash, newCredential } from '../access/credential.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { mismatches, text } from './match-publisher.ts'
import type { Identity } from './verify-identity.ts'

/** Long enough to upload ten mebibytes from anywhere. */
const tokenMs = 15 * 60_000
/** Of the audit trail's lines. */
const mismatchCharactersMax = 500

export interface ExchangeRequest {
  readonly jwt: string
  readonly module: string
  readonly version: string
  /** Hex of the archive that will be published. */
  readonly sha512: string
  readonly ip: string
}

/**
 * Exchanges a workflow's identity for a token that publishes one version with one content. Whoever steals it can publish
 * what was to be published anyway. @throws Problem `oidc_refused` that tells outsiders nothing of what is set up.
 */
export async function exchangeIdentity(
  { oidc, meta }: Pick<Registry, 'oidc' | 'meta'>,
  request: ExchangeRequest,
): Promise<{ readonly token: string; readonly expiresAt: string }> {
  const now = new Date()
  const identity = await oidc.verify(request.jwt, now)
  const { issuer, claims } = identity
  const publishers = await meta.publishers.ofModule(request.module, issuer.issuer)
  const compared = publishers.map((publisher) => ({ publisher, differs: mismatches(publisher, issuer, claims) }))
  const trusted = compared.find(({ differs }) => differs.length === 0)?.publisher
  if (!trusted) {
    for (const { publisher, differs } of compared) {
      const what = differs.map(({ claim, found, wanted }) => `${claim}: found ${found}, want ${wanted}`).join('; ')
      await meta.publishers.auditRefusal(publisher, what.slice(0, mismatchCharactersMax), request.ip, now.toISOString())
    }
    throw notTrusted(request.module)
  }
  const token = newCredential('exchange')
  const expiresAt = new Date(now.getTime() + tokenMs).toISOString()
  const taken = await meta.publishers.exchange({
    hash: credentialHash(token),
    publisherId: trusted.id,
    module: request.module,
    version: request.version,
    sha512: request.sha512,
    publisher: publisherOfIdentity(identity),
    expiresAt,
    jti: { issuer: issuer.issuer, id: claims.jti, expiresAt: new Date((claims.exp + 60) * 1000).toISOString() },
  })
  if (!taken) throw new Problem('oidc_refused', 'Cannot take this identity: it was exchanged before')
  return { token, expiresAt }
}

function publisherOfIdentity({
  issuer: { issuer, name, claims: names },
  claims,
}: Identity): PublishPredicate['publisher'] {
  const facts = {
    repository: text(claims, names.repository),
    repositoryId: text(claims, names.repositoryId),
    ownerId: text(claims, names.ownerId),
    workflow: text(claims, names.workflow),
    environment: text(claims, names.environment),
    ref: text(claims, names.ref),
    runId: text(claims, names.run),
    commit: text(claims, names.commit),
  }
  const known = Object.entries(facts).filter((entry): entry is [string, string] => entry[1] !== undefined)
  const subject = `${name}:${text(claims, names.repository) ?? 'unknown'}@${facts.repositoryId}`
  return { kind: 'oidc', subject, issuer, ...Object.fromEntries(known) }
}

function notTrusted(module: string): Problem {
  return new Problem('oidc_refused', `Cannot publish "${module}" by this identity: it is not the one that is trusted`, {
    hint: 'owners of the scope see what differs: POST /api/v1/scopes/@scope/trusted-publishers/test, and the audit trail',
  })
}
