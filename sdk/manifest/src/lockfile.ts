import { z } from 'zod'

/** One pinned module (registry.md §3). No download address: the registry's name leads to one. */
export const lockedModule = z.strictObject({
  /** Name of the `registry` block, `distribution`, or `path`. */
  from: z.string(),
  range: z.string(),
  /** `sha512-<base64>` of the packed module. */
  integrity: z.string(),
  /** `sha256-<base64>` of module.json. */
  manifest: z.string(),
  /** `sha256-<base64>` of the canonical capability document, and the same for people. */
  caps: z.string(),
  capSummary: z.array(z.string()),
  /** Full component names that the module claims. Only in the distribution's lockfile. */
  components: z.array(z.string()).optional(),
  published: z.string().optional(),
  /** How its publisher was known: 3 CI and a person's approval, 2 CI, 1 a person with two factors, 0 a token. */
  trust: z.int().optional(),
  /** Index of its publication in the registry's log. */
  log: z.int().optional(),
  /** `@scope/name` of each module that it depends on → the version that is pinned for it. */
  deps: z.record(z.string(), z.string()).optional(),
})

/** A version that stands in for others although a range may not allow it. */
export const lockedOverride = z.strictObject({
  select: z.string(),
  use: z.string(),
  reason: z.string(),
  expires: z.string(),
})

/** What an `import.git` or `import.http` is pinned to. Addresses are without credentials and queries. */
export const lockedSource = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('git'),
    repository: z.string(),
    /** As the configuration names it: a tag, a branch or a commit. */
    revision: z.string(),
    path: z.string(),
    commit: z.string(),
    /** `sha256-<base64>` of the names and bytes of the files that the import reads. */
    integrity: z.string(),
  }),
  z.strictObject({
    kind: z.literal('http'),
    url: z.string(),
    /** `sha256-<base64>` of the content. */
    integrity: z.string(),
  }),
])

const lockedRegistry = z.strictObject({
  url: z.string(),
  /** Fingerprint of the root keys. */
  root: z.string().optional(),
  /** Name of the registry's log, and how it was when something was last pinned: it may only have grown since. */
  logOrigin: z.string().optional(),
  checkpoint: z.strictObject({ size: z.int().min(0), hash: z.string() }).optional(),
})

export const lockfile = z.strictObject({
  lockfileVersion: z.literal(1),
  registries: z.record(z.string(), lockedRegistry),
  /** `<file>#<namespace>` of each `import.module` → `@scope/name@version`. */
  imports: z.record(z.string(), z.string()),
  modules: z.record(z.string(), lockedModule),
  /** `<file>#<id of the import>` of each `import.git` and `import.http`, those that such imports bring included. */
  sources: z.record(z.string(), lockedSource).optional(),
  /** Those that were followed when the versions were chosen. */
  overrides: z.array(lockedOverride).optional(),
})

export type LockedModule = z.infer<typeof lockedModule>
export type LockedSource = z.infer<typeof lockedSource>
export type LockedRegistry = z.infer<typeof lockedRegistry>
export type Lockfile = z.infer<typeof lockfile>
