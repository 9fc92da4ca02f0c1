import type { Principal } from '../../access/principal.ts'
import { sessionEnd, type Proving } from '../../accounts/sign-in.ts'
import { Problem } from '../../problem.ts'
import type { MetaStore } from '../../storage/meta-store.ts'
import { signingIn } from '../../storage/meta/append-audit.ts'
import type { SessionRecord } from '../../storage/meta/session-store.ts'
import type { UserRecord } from '../../storage/meta/user-store.ts'

interface OpenSession {
  readonly user: UserRecord
  readonly session: SessionRecord
}

/** Who has at least shown a password. @throws Problem */
export function halfSignedIn(principal: Principal): OpenSession {
  if (principal.kind === 'session') return principal
  if (principal.kind === 'anonymous' && principal.unfinished) return principal.unfinished
  throw new Problem('token_missing', 'Cannot take a second factor: want a password first')
}

/** From now on the session is a whole one. Resolves to its end. */
export async function finishSession(
  { sessions }: MetaStore,
  { session, user }: OpenSession,
  method: string,
  { ip, now }: Proving,
): Promise<string> {
  const expiresAt = sessionEnd(now)
  const by = { author: signingIn(user.name, ip), method }
  await sessions.showedSecondFactor(session.id, by, now.toISOString(), expiresAt)
  return expiresAt
}
