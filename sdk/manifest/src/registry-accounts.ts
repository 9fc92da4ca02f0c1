/** What a registry answers about people, scopes and tokens (registry.md §2.7). */
import { z } from 'zod'

export const scopeRole = z.enum(['owner', 'maintainer', 'publisher', 'triager', 'reader'])
export const tokenPermission = z.enum(['read', 'stage', 'publish', 'yank', 'tag'])

export const sessionDescription = z.object({
  id: z.string(),
  kind: z.enum(['browser', 'command line']),
  client: z.string(),
  createdAt: z.string(),
  lastUsedAt: z.string(),
  expiresAt: z.string(),
  /** When a second factor was last shown. */
  secondFactorAt: z.string().nullable(),
})
export type SessionDescription = z.infer<typeof sessionDescription>

export const tokenDescription = z.object({
  id: z.string(),
  description: z.string(),
  permissions: z.array(tokenPermission),
  modules: z.string(),
  networks: z.array(z.string()),
  createdAt: z.string(),
  expiresAt: z.string(),
  lastUsedAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
})
export type TokenDescription = z.infer<typeof tokenDescription>

/** `GET /api/v1/session`: who the registry takes the caller for. */
export const callerDescription = z.object({
  /** `unfinished`: the password was right, and the second factor is still to be shown. */
  kind: z.enum(['anonymous', 'unfinished', 'user', 'token', 'workflow']),
  user: z.object({ name: z.string(), staff: z.boolean(), hasSecondFactor: z.boolean() }).nullable(),
  session: sessionDescription.nullable(),
  token: tokenDescription.nullable(),
  scopes: z.array(z.object({ name: z.string(), role: scopeRole })),
})
export type CallerDescription = z.infer<typeof callerDescription>

/** `POST /api/v1/session`. */
export const signInAnswer = z.object({
  user: z.string(),
  /** The session's secret, where no cookie carries it. */
  token: z.string().nullable(),
  expiresAt: z.string(),
  /** What must still be shown; empty when the caller is signed in. */
  secondFactors: z.array(z.enum(['totp', 'passkey', 'recovery code'])),
})
export type SignInAnswer = z.infer<typeof signInAnswer>

/** `POST /api/v1/device`. */
export const deviceAnswer = z.object({
  deviceCode: z.string(),
  userCode: z.string(),
  verificationUrl: z.string(),
  expiresAt: z.string(),
  intervalSeconds: z.number(),
})
export type DeviceAnswer = z.infer<typeof deviceAnswer>

/** `POST /api/v1/device/token`; 202 without a body while nobody has answered. */
export const deviceTokenAnswer = z.object({ token: z.string(), user: z.string(), expiresAt: z.string() })

/** `POST /api/v1/tokens`: the token itself is shown this once. */
export const newTokenAnswer = tokenDescription.extend({ token: z.string() })

export const scopePolicy = z.object({
  visibility: z.enum(['public', 'private']),
  trustedPublisherOnly: z.boolean(),
  minApprovals: z.int().min(0).max(5),
  holdOnCapabilityIncrease: z.boolean(),
  requireProvenance: z.boolean(),
})
export type ScopePolicy = z.infer<typeof scopePolicy>

export const scopeMember = z.object({
  user: z.string(),
  role: scopeRole,
  invitedAt: z.string(),
  /** `null`: they have not said yes. */
  acceptedAt: z.string().nullable(),
  /** When a change of an owner takes effect that others may still stop. */
  effectiveAt: z.string().nullable(),
})
export type ScopeMember = z.infer<typeof scopeMember>

/** What everybody is shown of a scope: who stands behind it, and since when that is proven. */
export const scopeProof = z.object({
  kind: z.enum(['dns', 'repository']),
  value: z.string(),
  verifiedAt: z.string(),
  /** Since when it has not been found: after a week it counts no more. */
  failingSince: z.string().nullable(),
})
export type ScopeProof = z.infer<typeof scopeProof>

/** `GET /api/v1/scopes/@s/proofs`: what owners see of a claim. */
export const proofDescription = scopeProof.extend({
  id: z.string(),
  state: z.enum(['pending', 'verified', 'failing', 'lost']),
  createdAt: z.string(),
  verifiedAt: z.string().nullable(),
  checkedAt: z.string().nullable(),
  /** What was found in its place. */
  problem: z.string().nullable(),
  lostAt: z.string().nullable(),
  /** What to put where. */
  where: z.string(),
  text: z.string(),
})
export type ProofDescription = z.infer<typeof proofDescription>

export const scopeDescription = z.object({
  name: z.string(),
  createdAt: z.string(),
  policy: scopePolicy,
  proofs: z.array(scopeProof),
})
export type ScopeDescription = z.infer<typeof scopeDescription>

/** `POST /api/v1/scopes`. */
export const newScopeAnswer = scopeDescription.extend({
  /** Its name is close to another's: what is first published in it waits for staff. */
  held: z.boolean(),
})

export const memberList = z.object({ members: z.array(scopeMember) })
