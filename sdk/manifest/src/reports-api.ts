/** What people tell a registry about modules that do harm. */
import { z } from 'zod'
import { moduleName, moduleVersion } from './names.ts'

export const reportKind = z.enum(['malware', 'abuse', 'typosquat'])
export const reportState = z.enum(['open', 'resolved', 'dismissed'])

/** `POST /api/v1/reports`. */
export const newReport = z.strictObject({
  kind: reportKind,
  module: moduleName,
  version: moduleVersion.optional(),
  /** Where it is to be seen. */
  path: z.string().min(1).max(200).optional(),
  line: z.int().min(1).max(10_000_000).optional(),
  message: z.string().trim().min(10, 'want at least 10 characters that say what is wrong').max(4_000),
})
export type NewReport = z.infer<typeof newReport>

export const reportDescription = z.object({
  id: z.string(),
  kind: reportKind,
  module: z.string(),
  version: z.string().nullable(),
  path: z.string().nullable(),
  line: z.int().nullable(),
  message: z.string(),
  /** Who has signed in and said so. */
  reporter: z.string().nullable(),
  credible: z.boolean(),
  createdAt: z.string(),
  state: reportState,
  note: z.string().nullable(),
  decidedBy: z.string().nullable(),
  decidedAt: z.string().nullable(),
  /** What several credible reports on a young version speak for. Nothing follows from it but that staff looks. */
  suggestion: z.enum(['quarantine']).nullable(),
})
export type ReportDescription = z.infer<typeof reportDescription>
