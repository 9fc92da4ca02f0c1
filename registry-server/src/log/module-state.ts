import type { VersionStatus } from '@ingot/manifest'
import { isLifecycleType, readLifecycleLeaf, type LifecycleChange } from './lifecycle-leaf.ts'
import { readPublishLeaf, type LoggedPublish } from './publish-leaf.ts'

export interface LogLeaf {
  readonly index: number
  readonly type: string
  readonly leaf: string
}

/** One version, as the log's events up to now have made it. */
export type VersionState = LoggedPublish & {
  readonly log: number
  readonly status: VersionStatus
  readonly reason: string | null
  readonly deprecated: string | null
  readonly successor: string | null
  readonly yankedAt: string | null
  /** Who has put it into quarantine. */
  readonly quarantinedBy: 'staff' | 'owners' | null
}

export interface ModuleState {
  /** In the order of publication. */
  readonly versions: readonly VersionState[]
  /** Tag → version, as they were set. */
  readonly tags: Readonly<Record<string, string>>
  readonly deprecated: string | null
  readonly successor: string | null
}

/** What stands against a version, each until it is taken back; the last is forever. */
interface Marks {
  readonly yanked?: { readonly reason: string; readonly at: string } | undefined
  readonly quarantined?: { readonly reason: string; readonly by: 'staff' | 'owners' } | undefined
  readonly tombstoned?: string | undefined
  readonly deprecated?: { readonly message: string; readonly successor: string | null } | undefined
}

const noMarks: Marks = {}

/** What a module is, from nothing but the log's leaves about it, in their order. */
export function moduleState(leaves: readonly LogLeaf[]): ModuleState {
  const published: (LoggedPublish & { readonly log: number })[] = []
  const marks = new Map<string, Marks>()
  const tags = new Map<string, string>()
  let whole: Marks['deprecated']
  for (const { index, type, leaf } of leaves) {
    if (type === 'publish') {
      published.push({ ...readPublishLeaf(leaf), log: index })
    } else if (isLifecycleType(type)) {
      const { change, at } = readLifecycleLeaf(leaf)
      if (change.type === 'tag') setTag(tags, change)
      else if (change.type === 'deprecate' && change.version === null) whole = deprecation(change)
      else marks.set(change.version!, marked(marks.get(change.version!) ?? noMarks, change, at))
    }
  }
  return {
    versions: published.map((version) => ({ ...version, ...standing(marks.get(version.version) ?? noMarks) })),
    tags: Object.fromEntries(tags),
    deprecated: whole?.message ?? null,
    successor: whole?.successor ?? null,
  }
}

function setTag(tags: Map<string, string>, { tag, version }: LifecycleChange & { type: 'tag' }): void {
  if (version === null) tags.delete(tag)
  else tags.set(tag, version)
}

function deprecation({ message, successor }: LifecycleChange & { type: 'deprecate' }): Marks['deprecated'] {
  return message === null ? undefined : { message, successor }
}

function marked(before: Marks, change: Exclude<LifecycleChange, { type: 'tag' }>, at: string): Marks {
  switch (change.type) {
    case 'yank':
      return { ...before, yanked: { reason: change.reason, at } }
    case 'unyank':
      return { ...before, yanked: undefined }
    case 'quarantine':
      return { ...before, quarantined: { reason: change.reason, by: change.authority } }
    case 'release':
      return { ...before, quarantined: undefined }
    case 'tombstone':
      return { ...before, tombstoned: change.reason }
    case 'deprecate':
      return { ...before, deprecated: deprecation(change) }
  }
}

/** The heaviest mark counts; what is released is again what it was before. */
function standing({
  yanked,
  quarantined,
  tombstoned,
  deprecated,
}: Marks): Pick<VersionState, 'status' | 'reason' | 'deprecated' | 'successor' | 'yankedAt' | 'quarantinedBy'> {
  const heaviest = tombstoned !== undefined ? 'tombstoned' : quarantined ? 'quarantined' : undefined
  return {
    status: heaviest ?? (yanked ? 'yanked' : 'active'),
    reason: tombstoned ?? quarantined?.reason ?? yanked?.reason ?? null,
    deprecated: deprecated?.message ?? null,
    successor: deprecated?.successor ?? null,
    yankedAt: yanked?.at ?? null,
    quarantinedBy: quarantined?.by ?? null,
  }
}
