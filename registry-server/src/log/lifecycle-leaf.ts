import { moduleTag, moduleVersion } from '@ingot/manifest'
import { canonicalJson } from '@ingot/trust'
import { z } from 'zod'

/** Reasons and messages stand in every index: they are a sentence, not a report. */
const reasonCharactersMax = 500
export const reasonText = z
  .string()
  .trim()
  .min(1, 'want a reason')
  .max(reasonCharactersMax)
  // oxlint-disable-next-line no-control-regex -- they would end lines of indexes and terminals
  .regex(/^[^\u0000-\u001f\u007f]*$/, 'want one line')

const about = { module: z.string(), version: moduleVersion }

/** What can happen to a module after a publish (registry.md §2.6): the part of a leaf that is for its type alone. */
export const lifecycleChange = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('yank'), ...about, reason: reasonText }),
  z.strictObject({ type: z.literal('unyank'), ...about, reason: reasonText }),
  z.strictObject({
    type: z.literal('deprecate'),
    module: z.string(),
    /** Without one it is the module as a whole. */
    version: moduleVersion.nullable(),
    /** `null`: it is not deprecated any more. */
    message: reasonText.nullable(),
    /** What to use in its place: `@acme/other`, or a version of the same module. */
    successor: z.string().nullable(),
  }),
  z.strictObject({
    type: z.literal('tag'),
    module: z.string(),
    tag: moduleTag,
    /** `null`: there is no such tag any more. */
    version: moduleVersion.nullable(),
  }),
  z.strictObject({
    type: z.literal('quarantine'),
    ...about,
    reason: reasonText,
    /** Who has decided: what staff has, owners cannot take back. */
    authority: z.enum(['staff', 'owners']),
  }),
  z.strictObject({ type: z.literal('release'), ...about, reason: reasonText }),
  z.strictObject({ type: z.literal('tombstone'), ...about, reason: reasonText }),
])
export type LifecycleChange = z.infer<typeof lifecycleChange>

const lifecycleLeaf = z.object({
  change: lifecycleChange,
  /** `user:alice`, `token:ci`: who did it; several where it took several. */
  by: z.array(z.string()).min(1),
  at: z.iso.datetime(),
  registry: z.string(),
})
export type LifecycleLeaf = z.infer<typeof lifecycleLeaf>

/** The text of a leaf: its UTF-8 bytes are what the log has. */
export function lifecycleLeafText(leaf: LifecycleLeaf): string {
  return canonicalJson(leaf)
}

export function readLifecycleLeaf(leaf: string): LifecycleLeaf {
  return lifecycleLeaf.parse(JSON.parse(leaf))
}

const types: ReadonlySet<string> = new Set(lifecycleChange.options.map(({ shape }) => shape.type.value))

export function isLifecycleType(type: string): type is LifecycleChange['type'] {
  return types.has(type)
}
