import type { IndexLine } from '@ingot/manifest'
import type { ModuleIndex } from './requirement.ts'

/** Something that whoever uses a version should know of it. */
export interface VersionStanding {
  readonly kind: 'quarantined' | 'tombstoned' | 'yanked' | 'deprecated'
  readonly severity: 'error' | 'warning'
  readonly message: string
}

/** What a registry says against a version: of itself, or of its module as a whole. */
export function versionStanding(line: IndexLine, index: ModuleIndex): VersionStanding[] {
  const { status, reason } = line
  const found: VersionStanding[] = []
  const why = reason ? `: ${reason}` : ''
  if (status !== 'active') found.push({ kind: status, severity: 'error', message: `it was ${status}${why}` })
  const { deprecated, successor } = line.deprecated ? line : index
  if (deprecated) {
    const next = successor ? `; use ${successor}` : ''
    const what = line.deprecated ? 'it' : 'its module'
    found.push({ kind: 'deprecated', severity: 'warning', message: `${what} is deprecated: ${deprecated}${next}` })
  }
  return found
}
