import { z } from 'zod'
import { claimNames, knownIssuers, type OidcIssuer } from './issuers.ts'

/** A registry for more forges than this is for everybody. */
const issuersMax = 50
/** Nobody reads along on the way from this machine to itself. */
const loopback = /^http:\/\/(?:localhost|127(?:\.\d+){3}|\[::1\])(?::\d+)?(?:\/|$)/

const head = {
  name: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'want small letters, digits and "-"'),
  issuer: z
    .url({ protocol: /^https?$/, error: 'want an address such as "https://git.example.com"' })
    .refine((url) => url.startsWith('https:') || loopback.test(url), 'want "https:", or "http:" on this machine'),
  audience: z.string().min(1).max(300).optional(),
  repositories: z.url({ protocol: /^https$/, error: 'want an address such as "https://git.example.com/"' }).optional(),
}
const events = z.array(z.string().min(1).max(100)).max(20).optional()

const issuerSettings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('github'), ...head, refusedEvents: events }),
  z.strictObject({ kind: z.literal('gitlab'), ...head, refusedEvents: events }),
  z.strictObject({ kind: z.literal('generic'), ...head, refusedEvents: events, claims: claimNames }),
])
const settingsFile = z.strictObject({ issuers: z.array(issuerSettings).max(issuersMax) })

/**
 * The issuers that an operator trusts beside those that need no set-up, from the text of a JSON file:
 * `{"issuers": [{"name": "forge", "issuer": "https://git.example.com", "kind": "gitlab"}]}`. The kind says in which claims
 * stands what is compared: GitHub's or GitLab's own, or, of `generic` ones, those that `claims` names.
 * @throws Error that tells what is wrong, and where
 */
export function readIssuers(text: string): OidcIssuer[] {
  const parsed = settingsFile.safeParse(parseJson(text))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Error(`Cannot read the trusted issuers: at ${placeOf(issue!.path)}: ${issue!.message}`)
  }
  const issuers = parsed.data.issuers.map(issuerOf)
  for (const field of ['issuer', 'name'] as const) {
    const all = [...knownIssuers, ...issuers].map((issuer) => issuer[field])
    const twice = all.find((value, at) => all.indexOf(value) !== at)
    if (twice !== undefined) throw new Error(`Cannot read the trusted issuers: found the ${field} "${twice}" twice`)
  }
  return issuers
}

function issuerOf({ name, issuer, audience, repositories, ...settings }: z.infer<typeof issuerSettings>): OidcIssuer {
  const known = knownIssuers.find((known) => known.name === settings.kind)
  const claims = settings.kind === 'generic' ? settings.claims : known!.claims
  return {
    name,
    issuer,
    audience,
    repositories,
    claims,
    refusedEvents: settings.refusedEvents ?? known?.refusedEvents ?? [],
  }
}

function placeOf(path: readonly PropertyKey[]): string {
  return path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('') || 'the whole'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new Error(`Cannot read the trusted issuers: want JSON, found ${(error as Error).message}`, { cause: error })
  }
}
