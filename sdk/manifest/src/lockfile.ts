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

export const lockfile = z.strictObject({
  lockfileVersion: z.literal(1),
  registries: z.record(z.string(), z.strictObject({ url: z.string(), root: z.string().optional() })),
  /** `<file>#<namespace>` of each `import.module` → `@scope/name@version`. */
  imports: z.record(z.string(), z.string()),
  modules: z.record(z.string(), lockedModule),
  /** `<file>#<id of the import>` of each `import.git` and `import.http`, those that such imports bring included. */
  sources: z.record(z.string(), lockedSource).optional(),
})

export type LockedModule = z.infer<typeof lockedModule>
export type LockedSource = z.infer<typeof lockedSource>
export type Lockfile = z.infer<typeof lockfile>
