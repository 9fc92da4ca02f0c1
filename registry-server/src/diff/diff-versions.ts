import { capabilityChanges, capabilitySummary, type CapabilityChanges } from '@ingot/manifest'
import type { VersionDetail, VersionFile } from '../storage/meta/version-store.ts'
import { diffSchemas, type SchemaChange } from './diff-schemas.ts'

export interface DependencyChange {
  readonly name: string
  readonly from: string | undefined
  readonly to: string | undefined
}

export interface FileChange {
  readonly path: string
  readonly from: VersionFile | undefined
  readonly to: VersionFile | undefined
}

/** What is different between two versions of a module, powers first. */
export interface VersionDiff {
  readonly capabilities: CapabilityChanges
  readonly schema: readonly SchemaChange[]
  readonly dependencies: readonly DependencyChange[]
  readonly files: readonly FileChange[]
}

type Compared = Pick<VersionDetail, 'manifest' | 'files'>

export function diffVersions(from: Compared, to: Compared): VersionDiff {
  return {
    capabilities: capabilityChanges(capabilitySummary(from.manifest), capabilitySummary(to.manifest)),
    schema: diffSchemas(from.manifest, to.manifest),
    dependencies: changes(Object.entries(from.manifest.dependencies), Object.entries(to.manifest.dependencies)).map(
      ([name, a, b]) => ({ name, from: a, to: b }),
    ),
    files: changes(byPath(from.files), byPath(to.files), (a, b) => a.sha256 === b.sha256).map(([path, a, b]) => ({
      path,
      from: a,
      to: b,
    })),
  }
}

function byPath(files: readonly VersionFile[]): [string, VersionFile][] {
  return files.map((file) => [file.path, file])
}

/** Keys whose values differ, by key. */
function changes<V>(
  from: readonly (readonly [string, V])[],
  to: readonly (readonly [string, V])[],
  same: (a: V, b: V) => boolean = (a, b) => a === b,
): [string, V | undefined, V | undefined][] {
  const [before, after] = [new Map(from), new Map(to)]
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((key) => {
    const [a, b] = [before.get(key), after.get(key)]
    return a !== undefined && b !== undefined && same(a, b)
      ? []
      : [[key, a, b] as [string, V | undefined, V | undefined]]
  })
}
