import type { ModuleChange } from '@ingot/loader'
import { reachesOutside } from '@ingot/manifest'
import type { ImportText } from '../config-text/read-imports.ts'

/** A capability increase that nobody has accepted: scripts tell it from other failures. */
export const increaseExitCode = 4

export interface ReviewedChange extends ModuleChange {
  /** Powers that come with the change, reach outside of the module, and are not granted. */
  readonly increases: readonly string[]
}

/** What of the changes a person has to accept. */
export function reviewChanges(changes: readonly ModuleChange[], imports: readonly ImportText[]): ReviewedChange[] {
  const grants = new Map(imports.map(({ file, namespace, grant }) => [`${file}#${namespace}`, grant]))
  return changes.map((change) => ({ ...change, increases: increasesOf(change, grants) }))
}

function increasesOf(change: ModuleChange, grants: ReadonlyMap<string, ImportText['grant']>): string[] {
  if (change.to === undefined) return []
  const { added, widened } = change.capabilities
  const isNewImport = change.from === undefined && change.wantedBy.every((chain) => chain.length === 1)
  return [...added, ...widened.map(({ to }) => to)].filter((line) => {
    const space = line.indexOf(' ')
    const capability = space < 0 ? line : line.slice(0, space)
    const value = space < 0 ? '' : line.slice(space + 1)
    if (!reachesOutside(capability)) return false
    // What arguments designate is granted by whoever writes them, and of a new import nothing is written yet.
    if (isNewImport && (value === '' || value.startsWith('of '))) return false
    const name = capability.replaceAll('.', '_')
    // Every import that leads to the module has to grant it: each brings the module in by itself.
    return !change.wantedBy.every(([root]) => (grants.get(root!)?.get(name) ?? []).includes(value))
  })
}
