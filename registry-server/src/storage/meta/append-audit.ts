import { createHash } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { Schema } from '../database/schema.ts'

export interface AuditEntry {
  readonly at: string
  readonly actor: string
  readonly ip: string
  readonly action: string
  readonly subject: string
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
  const hash = auditHash(previous, entry)
  const row = { seq: (last?.seq ?? -1) + 1, ...entry, prev_hash: previous, hash }
  await transaction.insertInto('audit').values(row).execute()
}

export function auditHash(previous: string, { at, actor, ip, action, subject }: AuditEntry): string {
  return createHash('sha256')
    .update(JSON.stringify([previous, at, actor, ip, action, subject]))
    .digest('hex')
}
