import type { LockedSource, Lockfile } from '@ingot/manifest'
import { emptyLock } from './lock-file.ts'

/** The key of an import in the lockfile: `main.alloy#import.git.lib`. */
export function sourceKey(file: string, id: string): string {
  return `${file}#${id}`
}

/**
 * What differs between what is pinned and what was found, for a message; `undefined` when they are the same. The content
 * decides: a commit that changes other files of the repository is another commit all the same.
 */
export function sourceDifference(pinned: LockedSource, found: LockedSource): string | undefined {
  const named = describeSource(pinned)
  if (describeSource(found) !== named)
    return `ingot.lock pins ${named}, and the configuration names ${describeSource(found)}`
  if (pinned.kind === 'git' && found.kind === 'git' && pinned.commit !== found.commit)
    return `ingot.lock pins "${pinned.revision}" to the commit ${pinned.commit}, and it was found at ${found.commit}`
  if (pinned.integrity !== found.integrity)
    return `ingot.lock pins the content ${pinned.integrity}, and ${found.integrity} was found`
  return undefined
}

/** What the configuration says of an import, as it is compared. */
export function describeSource(source: LockedSource): string {
  if (source.kind === 'http') return `"${source.url}"`
  return `"${source.path}" of "${source.repository}" at "${source.revision}"`
}

/** The lock with the sources of one configuration as they were found; what its files no longer import is not pinned any more. */
export function pinSources(
  lock: Lockfile | undefined,
  files: readonly string[],
  found: ReadonlyMap<string, LockedSource>,
): Lockfile {
  const { sources: old = {}, ...rest } = lock ?? emptyLock()
  const others = Object.entries(old).filter(([key]) => !files.includes(key.slice(0, key.indexOf('#'))))
  const sources = Object.fromEntries([...others, ...found])
  return Object.keys(sources).length === 0 ? rest : { ...rest, sources }
}
