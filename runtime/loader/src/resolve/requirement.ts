import type { IndexLine } from '@ingot/manifest'

/** One wish for a module: of a configuration's import, or of a module that depends on it. */
export interface Requirement {
  readonly module: string
  /** In node-semver's notation; a tag where the policy allows it. */
  readonly range: string
  /** Who wants it, from the import on: `main.alloy#redact`, `@acme/redact@1.4.2`. */
  readonly chain: readonly string[]
  /** The newest version there is was asked for by a person, not by something that is written down. */
  readonly newest?: boolean
}

/** What a registry says about one module. */
export interface ModuleIndex {
  readonly tags: Readonly<Record<string, string>>
  readonly lines: readonly IndexLine[]
  /** Why the module as a whole should not be used any more, and what in its place. */
  readonly deprecated?: string | null | undefined
  readonly successor?: string | null | undefined
  /** Versions that the mirror in between does not give out, and why. */
  readonly held?: Readonly<Record<string, string>>
}

/** A version that was not chosen, and why. */
export interface Rejection {
  readonly version: string
  readonly reason: string
}

/** `"@acme/util" at "^2.0.0", wanted by main.alloy#redact → @acme/redact@1.4.2`. */
export function describeRequirement({ module, range, chain }: Requirement): string {
  return `"${module}" at "${range}", wanted by ${chain.join(' → ')}`
}
