import { latestVersion } from '@ingot/manifest'
import { rcompare } from 'semver'

/** The version that is shown of a module: its latest, and where none is active the highest there ever was. */
export function newestVersion<V extends { readonly version: string; readonly status: string }>(
  versions: readonly V[],
  setTo?: string,
): V | undefined {
  return latestVersion(versions, setTo) ?? [...versions].sort((a, b) => rcompare(a.version, b.version))[0]
}
