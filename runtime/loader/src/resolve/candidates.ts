import { moduleKey, type IndexLine } from '@ingot/manifest'
import { rcompare, satisfies, valid, validRange } from 'semver'
import { LoaderError } from '../loader-error.ts'
import { applyOverrides } from './apply-overrides.ts'
import { describeRequirement, type ModuleIndex, type Rejection, type Requirement } from './requirement.ts'
import type { ResolutionPolicy } from './resolution-policy.ts'
import { versionStanding, type VersionStanding } from './version-standing.ts'
import { trustFloors, type TrustFloor } from './trust-floor.ts'

/** Version of the SDK's contract, which modules name as `api`. */
const api = 1
/** An index is bounded in bytes; this is for indexes from elsewhere. */
const versionsMax = 20_000
const hourMs = 3_600_000

/** A version that is pinned already. */
export interface LockedVersion {
  readonly version: string
  readonly integrity: string
  readonly capSummary: readonly string[]
  readonly trust?: number | undefined
}

/** A signed advisory, as far as choosing versions goes. */
export interface Advisory {
  readonly id: string
  readonly module: string
  /** Range of the versions that it is about. */
  readonly affected: string
  readonly fixed: readonly string[]
}

export interface CandidateContext {
  readonly policy: ResolutionPolicy
  /** `@acme/redact@1.4.2`: what may be chosen although it is in quarantine. */
  readonly allowQuarantined?: readonly string[]
  readonly locked: readonly LockedVersion[]
  /** Whether something newer than what is pinned is looked for. */
  readonly updating: boolean
  readonly advisories: readonly Advisory[]
  readonly now: Date
  /** Version of the runtime, which modules may name as `engine`. */
  readonly engine: string
}

/** A version that waits for nothing although it is young, because it mends the pinned one. */
export interface Bypass {
  readonly version: string
  readonly advisory: string
}

/** Which versions of one module may be chosen, best first, and why others may not. */
export class Candidates {
  readonly #module: string
  readonly #index: ModuleIndex
  readonly #context: CandidateContext
  readonly #lines: readonly IndexLine[]
  readonly #floors: ReadonlyMap<string, TrustFloor>
  readonly #chosen = new Map<string, readonly IndexLine[]>()

  /** @throws LoaderError `version-changed` when a pinned version has other bytes than it had. */
  constructor(module: string, index: ModuleIndex, context: CandidateContext) {
    this.#module = module
    this.#index = index
    this.#context = context
    if (index.lines.length > versionsMax) {
      throw new LoaderError({
        code: 'resolution-too-large',
        message: `Cannot resolve "${module}": found ${index.lines.length} versions, want at most ${versionsMax}`,
      })
    }
    this.#lines = [...index.lines].sort((a, b) => rcompare(a.v, b.v))
    this.#floors = trustFloors(index)
    for (const line of this.#lines) this.#requireSameBytes(line)
  }

  /** What satisfies a requirement and may be chosen: what is pinned, then from the newest on. @throws LoaderError */
  of(requirement: Requirement): readonly IndexLine[] {
    const key = `${requirement.newest ?? false} ${requirement.range}`
    const known = this.#chosen.get(key)
    if (known) return known
    const range = this.#rangeOf(requirement)
    const inRange = this.#lines.filter(({ v }) => satisfies(v, range))
    const eligible = applyOverrides(this.#module, inRange, this.#lines, this.#context).filter(
      (line) => this.#whyNot(line) === undefined,
    )
    const kept = this.#context.updating ? [] : eligible.filter((line) => this.#lockedAs(line) !== undefined)
    const ranked = [...kept, ...eligible.filter((line) => !kept.includes(line))]
    this.#chosen.set(key, ranked)
    return ranked
  }

  /** Every version that may not be chosen for a requirement, from the newest on; those above `than` alone, where it is given. */
  rejected(requirement: Requirement, than?: string): Rejection[] {
    const range = this.#rangeOf(requirement)
    return this.#lines.flatMap((line) => {
      if (than !== undefined && rcompare(line.v, than) >= 0) return []
      const reason = satisfies(line.v, range) ? this.#whyNot(line) : outside(line.v, requirement.range)
      return reason === undefined ? [] : [{ version: line.v, reason }]
    })
  }

  /** The advisory that lets a version be chosen although it is young. */
  bypass(line: IndexLine): Bypass | undefined {
    if (this.#isOverride(line.v) || this.#lockedAs(line) || this.#isOldEnough(line)) return undefined
    const advisory = this.#advisoryFor(line)
    return advisory && { version: line.v, advisory: advisory.id }
  }

  standing(line: IndexLine): readonly VersionStanding[] {
    return versionStanding(line, this.#index)
  }

  /** @throws LoaderError `version-not-found` for what is no range, or has no bound where the policy wants one. */
  #rangeOf(requirement: Requirement): string {
    const { range, newest = false } = requirement
    const { allowFloating } = this.#context.policy
    const normal = validRange(range)
    if (normal !== null && (normal !== '*' || allowFloating || newest)) return normal === '' ? '*' : range
    const tagged = Object.hasOwn(this.#index.tags, range) ? this.#index.tags[range] : undefined
    if (normal === null && allowFloating && tagged !== undefined && valid(tagged)) return tagged
    throw new LoaderError({
      code: 'version-not-found',
      message: `Cannot resolve ${describeRequirement(requirement)}: found version "${range}", want a version or a range such as "^1.4.0"`,
      ...(normal === '*' || tagged !== undefined
        ? { hint: 'allow_floating of the registry block allows tags and ranges without a bound' }
        : {}),
    })
  }

  /** Why a version may not be chosen by anybody; `undefined` when it may. */
  #whyNot(line: IndexLine): string | undefined {
    const locked = this.#lockedAs(line)
    const held = this.#index.held?.[line.v]
    if (held !== undefined && !locked) return `held back by the mirror: ${held}`
    if (!this.#isGivenOut(line)) return line.status
    if (line.api !== api) return `needs version ${line.api} of the SDK's contract, and this is ${api}`
    const { engine } = this.#context
    if (line.engine !== undefined && !satisfies(engine, line.engine)) {
      return `needs a runtime of version ${line.engine}, and this is ${engine}`
    }
    // What is pinned, or put in place by a person, has been decided upon.
    if (locked || this.#isOverride(line.v)) return undefined
    return this.#downgrade(line) ?? this.#tooYoung(line)
  }

  #isGivenOut(line: IndexLine): boolean {
    const { allowQuarantined = [], updating } = this.#context
    if (line.status === 'yanked') return this.#lockedAs(line) !== undefined && !updating
    if (line.status === 'quarantined') return allowQuarantined.includes(moduleKey(this.#module, line.v))
    return line.status === 'active'
  }

  #downgrade({ v, trust }: IndexLine): string | undefined {
    const floor = this.#floors.get(v)
    if (!floor || trust >= floor.trust || this.#context.policy.allowTrustDowngrade) return undefined
    return `published with trust ${trust}, and ${floor.version} of the same major had ${floor.trust} before`
  }

  #tooYoung(line: IndexLine): string | undefined {
    if (this.#isOldEnough(line) || this.#advisoryFor(line)) return undefined
    const { now, policy } = this.#context
    const age = Math.max(0, Math.floor((now.getTime() - Date.parse(line.published)) / hourMs))
    return `published ${age} h ago, want at least ${policy.minReleaseAgeMs / hourMs} h`
  }

  #isOldEnough({ published }: IndexLine): boolean {
    const { now, policy } = this.#context
    return now.getTime() - Date.parse(published) >= policy.minReleaseAgeMs
  }

  /** A fix may not bring what an attacker would want from it: more power, or a less trusted publisher. */
  #advisoryFor(line: IndexLine): Advisory | undefined {
    const { advisories, locked } = this.#context
    return advisories.find(({ module, affected, fixed }) => {
      if (module !== this.#module || !fixed.includes(line.v)) return false
      const mended = locked.filter(({ version }) => satisfies(version, affected))
      return mended.some(
        ({ capSummary, trust = 0 }) =>
          line.trust >= trust && line.caps.summary.every((power) => capSummary.includes(power)),
      )
    })
  }

  #isOverride(version: string): boolean {
    return this.#context.policy.overrides.some(
      ({ select, use }) => use === version && select.startsWith(`${this.#module}@`),
    )
  }

  #lockedAs(line: IndexLine): LockedVersion | undefined {
    return this.#context.locked.find(({ version }) => version === line.v)
  }

  #requireSameBytes(line: IndexLine): void {
    const locked = this.#lockedAs(line)
    if (!locked || locked.integrity === line.integrity || line.status === 'tombstoned') return
    throw new LoaderError({
      code: 'version-changed',
      message: `Cannot trust "${this.#module}@${line.v}": ingot.lock pins ${locked.integrity}, and its registry now lists ${line.integrity} for the same version`,
      hint: 'a version never changes: ask whoever runs the registry, and keep the lock',
    })
  }
}

function outside(version: string, range: string): string {
  return version.includes('-') ? 'a prerelease that the range does not name' : `outside of "${range}"`
}
