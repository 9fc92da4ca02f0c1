/** A version that a person puts in the place of others, for a while and for a reason. */
export interface Override {
  /** Which versions are replaced: `@acme/util@<2.1.7`. */
  readonly select: string
  readonly use: string
  readonly reason: string
  /** `2027-01-01`: from then on it is an error, so that nobody forgets it. */
  readonly expires: string
}

/** What the `registry` block of a module's scope says about choosing versions. */
export interface ResolutionPolicy {
  /** How long a version has to have been public before it may be chosen. */
  readonly minReleaseAgeMs: number
  readonly allowTrustDowngrade: boolean
  /** Whether tags and ranges without any bound may stand in a configuration. */
  readonly allowFloating: boolean
  readonly overrides: readonly Override[]
}

/** Most malicious versions are found and taken down within three days. */
export const defaultPolicy: ResolutionPolicy = {
  minReleaseAgeMs: 72 * 3_600_000,
  allowTrustDowngrade: false,
  allowFloating: false,
  overrides: [],
}
