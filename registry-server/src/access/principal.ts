import type { PublishPredicate } from '@ingot/trust'
import type { Author } from '../storage/meta/append-audit.ts'
import type { SessionRecord } from '../storage/meta/session-store.ts'
import type { PublishGrant } from '../storage/meta/publisher-store.ts'
import type { TokenRecord } from '../storage/meta/token-store.ts'
import type { UserRecord } from '../storage/meta/user-store.ts'

/** Who asks. */
export type Principal =
  | {
      readonly kind: 'anonymous'
      /** They have shown a password, and have a second factor that they have not shown: nobody yet. */
      readonly unfinished?: { readonly session: SessionRecord; readonly user: UserRecord }
    }
  | { readonly kind: 'session'; readonly session: SessionRecord; readonly user: UserRecord }
  /** Without a user it is the operator's, made at the storage: it may what it was made for, in any scope. */
  | { readonly kind: 'token'; readonly token: TokenRecord; readonly user: UserRecord | undefined }
  /** A workflow that an issuer has vouched for: it may publish one version with one content. */
  | { readonly kind: 'workflow'; readonly grant: PublishGrant }

export const anonymous: Principal = { kind: 'anonymous' }

/** As a statement about what they publish names them. */
export function publisherOf(principal: Principal): PublishPredicate['publisher'] {
  if (principal.kind === 'session') return { kind: 'user', subject: principal.user.name }
  if (principal.kind === 'token') return { kind: 'token', subject: principal.token.description }
  if (principal.kind === 'workflow') return principal.grant.publisher
  throw new Error('Nobody publishes without a name')
}

/** As the audit trail names them. */
export function authorOf(principal: Principal, ip: string): Author {
  const { kind, subject } = publisherOf(principal)
  return { actor: `${kind}:${subject}`, token: principal.kind === 'token' ? principal.token.id : null, ip }
}

export function userOf(principal: Principal): UserRecord | undefined {
  return 'user' in principal ? principal.user : undefined
}
