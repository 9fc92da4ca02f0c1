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

export const lockfile = z.strictObject({
  lockfileVersion: z.literal(1),
  registries: z.record(z.string(), z.strictObject({ url: z.string(), root: z.string().optional() })),
  /** `<file>#<namespace>` of each `import.module` → `@scope/name@version`. */
  imports: z.record(z.string(), z.string()),
  modules: z.record(z.string(), lockedModule),
})

export type LockedModule = z.infer<typeof lockedModule>
export type Lockfile = z.infer<typeof lockfile>
