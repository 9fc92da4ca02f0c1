import { rcompare, validRange } from 'semver'
import { z } from 'zod'

const tagCharactersMax = 40

/** A name for a version that moves: never what could be a range, or nobody could tell which is meant. */
export const moduleTag = z
  .string()
  .max(tagCharactersMax)
  .regex(/^[a-z][a-z0-9-]*$/, 'want lower case letters, digits and "-"')
  .refine((text) => validRange(text) === null, 'found what is a range of versions, want a name')

interface TaggableVersion {
  readonly version: string
  readonly status: string
}

/**
 * The version that `latest` stands for: the one it was set to, else the highest active one that is no prerelease, else
 * the highest active one. `undefined` when none is active.
 */
export function latestVersion<V extends TaggableVersion>(versions: readonly V[], setTo?: string): V | undefined {
  const active = versions.filter(({ status }) => status === 'active').sort((a, b) => rcompare(a.version, b.version))
  return (
    active.find(({ version }) => version === setTo) ?? active.find(({ version }) => !version.includes('-')) ?? active[0]
  )
}

/** Tags as they may be resolved: of versions that are active, with `latest` where there is one. */
export function activeTags(
  versions: readonly TaggableVersion[],
  set: Readonly<Record<string, string>>,
): Record<string, string> {
  const active = new Set(versions.filter(({ status }) => status === 'active').map(({ version }) => version))
  const latest = latestVersion(versions, set['latest'])
  const others = Object.entries(set)
    .filter(([tag, version]) => tag !== 'latest' && active.has(version))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries([...(latest ? [['latest', latest.version] as const] : []), ...others])
}
