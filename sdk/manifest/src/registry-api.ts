/** What a registry answers (registry.md §2): protocol `ingot/1`. */
import { z } from 'zod'
import { moduleVersion } from './names.ts'

const integrityText = z.string().regex(/^sha(?:256|512)-[A-Za-z0-9+/]+={0,2}$/)

/** `GET /.well-known/ingot.json`. Paths are relative to the registry's own address. */
export const registryDiscovery = z.looseObject({
  protocol: z.array(z.string()),
  index: z.string(),
  api: z.string(),
  blobs: z.string(),
  modules: z.string(),
  log: z.string().optional(),
  keys: z.string(),
  /** Where there are advisories: `all.ndjson` has an OSV record in each line, `all.sig` says that it is the newest. */
  advisories: z.string().optional(),
  web: z.string(),
  /** How one becomes somebody there: a workflow by its identity, a command line by somebody who says yes elsewhere. */
  auth: z.looseObject({ oidcExchange: z.string().optional(), device: z.string().optional() }).optional(),
  features: z.array(z.string()),
})
export type RegistryDiscovery = z.infer<typeof registryDiscovery>

/** First line of `GET /index/@s/n.ndjson`. */
export const indexHead = z.looseObject({
  _: z.literal('head'),
  name: z.string(),
  tags: z.record(z.string(), z.string()),
  /** Why the module as a whole should not be used any more, and what in its place. */
  deprecated: z.string().nullish(),
  successor: z.string().nullish(),
})
export type IndexHead = z.infer<typeof indexHead>

/**
 * `yanked`: for those who have pinned it alone. `quarantined`: for nobody who does not insist. `tombstoned`: its bytes are
 * gone, its digest and its place in the log are not.
 */
export const versionStatus = z.enum(['active', 'yanked', 'quarantined', 'tombstoned'])
export type VersionStatus = z.infer<typeof versionStatus>

/** Every further line: one version. */
export const indexLine = z.looseObject({
  v: moduleVersion,
  integrity: integrityText,
  size: z.int().min(0),
  manifest: integrityText,
  deps: z.record(z.string(), z.string()),
  api: z.int(),
  /** Versions of the runtime that it works with, where it says so. */
  engine: z.string().optional(),
  components: z.array(z.string()),
  functions: z.array(z.string()).optional(),
  caps: z.looseObject({
    digest: integrityText,
    summary: z.array(z.string()),
    delta: z
      .looseObject({
        base: z.string(),
        added: z.array(z.string()),
        widened: z.array(z.object({ from: z.string(), to: z.string() })).default([]),
        removed: z.array(z.string()),
      })
      .nullable(),
  }),
  published: z.iso.datetime(),
  trust: z.int(),
  publisher: z.string(),
  log: z.int(),
  status: versionStatus,
  /** Why it is no longer active. */
  reason: z.string().nullish(),
  /** Why it should not be used any more, and what in its place. */
  deprecated: z.string().nullish(),
  successor: z.string().nullish(),
  yankedAt: z.iso.datetime().nullish(),
})
export type IndexLine = z.infer<typeof indexLine>

/** `GET /index/@s/n.holds.json` of a mirror: versions that it does not pass on now, and why. */
export const heldVersions = z.looseObject({ held: z.record(z.string(), z.string()) })

/** RFC 9457, with the stable code that the command line prints too. */
export const problemDocument = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  hint: z.string().optional(),
})
export type ProblemDocument = z.infer<typeof problemDocument>

/** Why a version waits for people. */
export const stageReason = z.enum(['approval', 'capability_increase', 'near_name', 'burst'])
export type StageReason = z.infer<typeof stageReason>

/** What a publish is answered with when the version waits for people. */
export const stagedAnswer = z.looseObject({ stageId: z.string(), reasons: z.array(stageReason) })
export type StagedAnswer = z.infer<typeof stagedAnswer>

/** What a publish that was only tried is answered with. */
export const checkedAnswer = z.looseObject({
  dryRun: z.literal(true),
  reasons: z.array(stageReason),
  capabilityIncrease: z.array(z.string()),
})
export type CheckedAnswer = z.infer<typeof checkedAnswer>

/** A version that waits for people. */
export const stageAnswer = z.looseObject({
  id: z.string(),
  module: z.string(),
  version: z.string(),
  sha512: z.string(),
  sizeBytes: z.int(),
  reasons: z.array(stageReason),
  uploader: z.string(),
  createdAt: z.string(),
  expiresAt: z.string(),
  state: z.string(),
  approvals: z.array(z.object({ user: z.string(), method: z.string(), at: z.string() })),
})
export type StageAnswer = z.infer<typeof stageAnswer>

/** What an approval is answered with while more people must approve. */
export const stageApproval = z.object({ approvals: z.int(), wanted: z.int() })
