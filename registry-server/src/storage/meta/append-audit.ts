import { createHash } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'

/** Who did something, as the audit trail keeps it. */
export interface Author {
  /** `user:alice`, `token:ci`. */
  readonly actor: string
  /** Id of the token that was used. */
  readonly token: string | null
  readonly ip: string
}

/** Whoever works at the storage itself. */
export const operator: Author = { actor: 'command line', token: null, ip: '' }

/** Somebody who proves who they are, or has just done so. */
export function signingIn(userName: string, ip: string): Author {
  return { actor: `user:${userName}`, token: null, ip }
}

export interface AuditEntry extends Omit<Author, 'token'> {
  readonly token?: string | null
  readonly at: string
  readonly action: string
  /** What it was done to: `@acme/redact@1.0.0`, `@acme`, … */
  readonly subject: string
  /** JSON of what it was before and is now, where that is not plain from the action. */
  readonly before?: string | null
  readonly after?: string | null
}

/** Adds to the audit trail, within a transaction that is alone: each row's hash covers the one before it. */
export async function appendAudit(transaction: Transaction<Schema>, entry: AuditEntry): Promise<void> {
  const last = await transaction
    .selectFrom('audit')
    .select(['seq', 'hash'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  const previous = last?.hash ?? ''
  const facts = { token: null, before: null, after: null, ...entry, scope: scopeIn(entry.subject) }
  const hash = auditHash(previous, facts)
  const row = { seq: (last?.seq ?? -1) + 1, ...facts, prev_hash: previous, hash }
  await transaction.insertInto('audit').values(row).execute()
}

export function auditHash(
  previous: string,
  entry: Omit<AuditEntry, 'token' | 'before' | 'after'> & Pick<Schema['audit'], 'token' | 'before' | 'after' | 'scope'>,
): string {
  const { at, actor, ip, action, subject, token, scope, before, after } = entry
  return createHash('sha256')
    .update(JSON.stringify([previous, at, actor, ip, action, subject, token, scope, before, after]))
    .digest('hex')
}

/** `@acme` of whatever is in it. */
function scopeIn(subject: string): string | null {
  return /^@[a-z0-9-]+/.exec(subject)?.[0] ?? null
}
