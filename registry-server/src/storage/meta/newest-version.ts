import { rcompare } from 'semver'

/** The version that `latest` stands for: the highest active one that is no prerelease, else the highest. */
export function newestVersion<V extends { readonly version: string; readonly status: string }>(
  versions: readonly V[],
): V | undefined {
  const sorted = [...versions].sort((a, b) => rcompare(a.version, b.version))
  return sorted.find(({ status, version }) => status === 'active' && !version.includes('-')) ?? sorted[0]
}
