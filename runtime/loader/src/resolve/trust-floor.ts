import { major } from 'semver'
import type { ModuleIndex } from './requirement.ts'

/** The version that sets the trust that a later one of its major must not be below. */
export interface TrustFloor {
  readonly version: string
  readonly trust: number
}

/**
 * For each version the most trusted one of its major that was published before it. Order of publication and not of
 * version numbers, so that fixes of old majors are compared with what their users had.
 */
export function trustFloors({ lines }: ModuleIndex): ReadonlyMap<string, TrustFloor> {
  const floors = new Map<string, TrustFloor>()
  const highest = new Map<number, TrustFloor>()
  for (const line of [...lines].sort(byPublication)) {
    const before = highest.get(major(line.v))
    if (before) floors.set(line.v, before)
    if (line.status === 'quarantined' || line.status === 'tombstoned') continue
    if (!before || line.trust > before.trust) highest.set(major(line.v), { version: line.v, trust: line.trust })
  }
  return floors
}

/** The log decides between two of the same moment. */
function byPublication(a: { published: string; log: number }, b: { published: string; log: number }): number {
  return Date.parse(a.published) - Date.parse(b.published) || a.log - b.log
}
