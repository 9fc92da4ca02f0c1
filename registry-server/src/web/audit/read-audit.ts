import { z } from 'zod'
import { auditFilter, auditQueryOf } from '../../routes/audit.ts'
import type { MetaStore } from '../../storage/meta-store.ts'
import type { AuditContent } from './audit-trail.ts'

/** Entries that one page lists. */
const pageEntries = 50

/** What a page of the trail is asked for. */
export const auditPageQuery = auditFilter.extend({
  before: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(Number.MAX_SAFE_INTEGER),
})

/** One page of the trail, of a scope where one is named. */
export async function readAudit(
  { audit }: Pick<MetaStore, 'audit'>,
  { before, ...filter }: z.output<typeof auditPageQuery> & { readonly scope?: string | undefined },
): Promise<Pick<AuditContent, 'entries' | 'older'>> {
  const entries = await audit.page(auditQueryOf(filter), { before }, pageEntries)
  const last = entries.at(-1)?.seq ?? 0
  return { entries, older: entries.length === pageEntries && last > 0 ? last : undefined }
}
