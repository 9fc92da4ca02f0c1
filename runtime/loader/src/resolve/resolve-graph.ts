import type { IndexLine } from '@ingot/manifest'
import { major, minor } from 'semver'
import { LoaderError } from '../loader-error.ts'
import { Candidates, type CandidateContext } from './candidates.ts'
import { describeRequirement, type ModuleIndex, type Rejection, type Requirement } from './requirement.ts'
import type { VersionStanding } from './version-standing.ts'

/** Modules of one configuration, dependencies included: more is no configuration that a person wrote. */
const modulesMax = 2000
/** Modules in a row that depend on each other. */
const depthMax = 32
/** Choices that are tried before a set of ranges counts as one without an answer. */
const stepsMax = 200_000

export interface ResolveGraphOptions {
  /** Of imports: their chains name nothing but the import. Earlier ones get their best version first. */
  readonly roots: readonly Requirement[]
  readonly index: (module: string) => Promise<ModuleIndex>
  /** How versions of a module are judged. */
  readonly context: (module: string) => CandidateContext
}

export interface ResolvedModule {
  readonly module: string
  readonly line: IndexLine
  /** Exact versions of what it depends on. */
  readonly deps: Readonly<Record<string, string>>
  /** Every wish that led to it. */
  readonly requirements: readonly Requirement[]
  /** What is newer and was not chosen. */
  readonly rejected: readonly Rejection[]
  /** The advisory that let it be chosen although it is young. */
  readonly bypass?: string
  /** What its registry says against it all the same. */
  readonly standing: readonly VersionStanding[]
}

export interface Resolution {
  /** The version of each root, in their order. */
  readonly roots: readonly string[]
  /** By module and version. */
  readonly modules: readonly ResolvedModule[]
}

/** A requirement that has been met: what it chose, and what else it could have. */
interface Choice {
  readonly options: readonly IndexLine[]
  place: number
  /** Whether this choice brought the version in, and its dependencies with it. */
  isFirst: boolean
  readonly queued: number
}

/**
 * Chooses a version for every requirement and for what those versions depend on: one version in each release line,
 * shared by all. The same input gives the same answer. It asks `index` for modules, and nobody else for anything.
 * @throws LoaderError `version-not-found` or `version-conflict` with everything that was rejected and who wanted it.
 */
export async function resolveGraph(options: ResolveGraphOptions): Promise<Resolution> {
  const search = new Search(options)
  await search.run()
  return search.resolution()
}

class Search {
  readonly #options: ResolveGraphOptions
  readonly #candidates = new Map<string, Candidates>()
  /** Roots, then the dependencies of what was chosen, in the order of the choices. */
  readonly #queue: Requirement[]
  readonly #choices: Choice[] = []
  /** Release line → the version that was chosen there, and for whom. */
  readonly #chosen = new Map<string, { readonly line: IndexLine; readonly by: Requirement }>()
  #firstFailure: LoaderError | undefined

  constructor(options: ResolveGraphOptions) {
    this.#options = options
    this.#queue = [...options.roots]
  }

  async run(): Promise<void> {
    for (let steps = 0; this.#choices.length < this.#queue.length; steps++) {
      if (steps > stepsMax) throw tooLarge(`found no answer among ${stepsMax} choices`, this.#firstFailure)
      const requirement = this.#queue[this.#choices.length]!
      const candidates = this.#candidates.get(requirement.module) ?? (await this.#open(requirement.module))
      const choice = { options: candidates.of(requirement), place: -1, isFirst: false, queued: this.#queue.length }
      this.#choices.push(choice)
      if (this.#advance(choice, requirement)) continue
      this.#firstFailure ??= this.#failure(requirement, candidates)
      this.#goBack()
    }
  }

  async #open(module: string): Promise<Candidates> {
    const opened = new Candidates(module, await this.#options.index(module), this.#options.context(module))
    this.#candidates.set(module, opened)
    return opened
  }

  /** Takes the next option that agrees with the choices before. */
  #advance(choice: Choice, requirement: Requirement): boolean {
    while (++choice.place < choice.options.length) {
      const line = choice.options[choice.place]!
      const place = releaseLine(requirement.module, line.v)
      const there = this.#chosen.get(place)
      if (there && there.line.v !== line.v) continue
      choice.isFirst = there === undefined
      if (!there) {
        this.#chosen.set(place, { line, by: requirement })
        this.#require(requirement, line)
      }
      return true
    }
    return false
  }

  #require(by: Requirement, line: IndexLine): void {
    const chain = [...by.chain, `${by.module}@${line.v}`]
    if (chain.length > depthMax + 1)
      throw tooLarge(`found more than ${depthMax} modules in a row: ${chain.join(' → ')}`)
    if (this.#chosen.size > modulesMax) throw tooLarge(`found more than ${modulesMax} modules`)
    for (const [module, range] of Object.entries(line.deps).sort(([a], [b]) => (a < b ? -1 : 1))) {
      this.#queue.push({ module, range, chain })
    }
  }

  /** To the last choice that can be made otherwise. */
  #goBack(): void {
    for (let choice = this.#choices.at(-1); choice; choice = this.#choices.at(-1)) {
      const requirement = this.#queue[this.#choices.length - 1]!
      const line = choice.options[choice.place]
      if (choice.isFirst && line) this.#chosen.delete(releaseLine(requirement.module, line.v))
      choice.isFirst = false
      this.#queue.length = choice.queued
      if (this.#advance(choice, requirement)) return
      this.#choices.pop()
    }
    throw this.#firstFailure!
  }

  #failure(requirement: Requirement, candidates: Candidates): LoaderError {
    const conflicts = candidates.of(requirement).map(({ v }) => {
      const { line, by } = this.#chosen.get(releaseLine(requirement.module, v))!
      return `${v} (${line.v} is taken for ${describeRequirement(by)})`
    })
    const rejected = candidates.rejected(requirement).map(({ version, reason }) => `${version} (${reason})`)
    const found = [...conflicts, ...rejected].join(', ')
    return new LoaderError({
      code: conflicts.length > 0 ? 'version-conflict' : 'version-not-found',
      message: `Cannot resolve ${describeRequirement(requirement)}: found ${found === '' ? 'no version' : found}`,
    })
  }

  resolution(): Resolution {
    const versionAt = (place: number): IndexLine => this.#choices[place]!.options[this.#choices[place]!.place]!
    const byKey = new Map<string, { line: IndexLine; requirements: Requirement[]; deps: Record<string, string> }>()
    for (const [place, requirement] of this.#queue.entries()) {
      const line = versionAt(place)
      const key = `${requirement.module}@${line.v}`
      const known = byKey.get(key) ?? { line, requirements: [], deps: {} }
      byKey.set(key, known)
      known.requirements.push(requirement)
      // Who wants it was chosen before it.
      const parent = requirement.chain.length > 1 ? byKey.get(requirement.chain.at(-1)!) : undefined
      if (parent) parent.deps[requirement.module] = line.v
    }
    refuseCycles(byKey)
    const sorted = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1))
    return {
      roots: this.#options.roots.map((_, place) => versionAt(place).v),
      modules: sorted.map(([, { line, requirements, deps }]) => this.#resolved(line, requirements, deps)),
    }
  }

  #resolved(line: IndexLine, requirements: readonly Requirement[], deps: Record<string, string>): ResolvedModule {
    const { module } = requirements[0]!
    const candidates = this.#candidates.get(module)!
    const bypass = candidates.bypass(line)
    return {
      module,
      line,
      deps,
      requirements,
      rejected: candidates.rejected(requirements[0]!, line.v),
      standing: candidates.standing(line),
      ...(bypass === undefined ? {} : { bypass: bypass.advisory }),
    }
  }
}

/** Where one version is shared by all: a major, and below 1.0.0 a minor, since there each one may break the one before. */
function releaseLine(module: string, version: string): string {
  return major(version) > 0 ? `${module}@${major(version)}` : `${module}@0.${minor(version)}`
}

/** A module that needs itself could never be loaded. */
function refuseCycles(modules: ReadonlyMap<string, { readonly deps: Readonly<Record<string, string>> }>): void {
  const done = new Set<string>()
  const visit = (key: string, above: readonly string[]): void => {
    const cycle = above.indexOf(key)
    if (cycle >= 0) {
      throw new LoaderError({
        code: 'version-conflict',
        message: `Cannot resolve "${key}": it depends on itself (${[...above.slice(cycle), key].join(' → ')})`,
      })
    }
    if (done.has(key)) return
    for (const [name, version] of Object.entries(modules.get(key)!.deps)) visit(`${name}@${version}`, [...above, key])
    done.add(key)
  }
  for (const key of modules.keys()) visit(key, [])
}

function tooLarge(found: string, first?: LoaderError): LoaderError {
  const before = first ? `; the first conflict: ${first.message}` : ''
  return new LoaderError({ code: 'resolution-too-large', message: `Cannot resolve the modules: ${found}${before}` })
}
