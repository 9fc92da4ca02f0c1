import {
  indexLine,
  moduleAdvisories,
  osvRecord,
  scopeOf,
  type IndexLine,
  type ModuleAdvisory,
  type ScopeProof,
} from '@ingot/manifest'
import { rootFingerprint } from '@ingot/trust'
import { rcompare, satisfies } from 'semver'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import { newestVersion } from '../../storage/meta/newest-version.ts'
import type { VersionDetail } from '../../storage/meta/version-store.ts'

/** One module as its pages show it: a version of it, and its index. */
export interface ModuleView {
  readonly name: string
  readonly shown: VersionDetail
  /** The index's line of the version that is shown. */
  readonly line: IndexLine
  /** Every version, the highest first. */
  readonly lines: readonly IndexLine[]
  readonly latest: string
  /** Whether the address names the version, so that links stay with it. */
  readonly pinned: boolean
  /** Of all versions. */
  readonly advisories: readonly ModuleAdvisory[]
  /** Who stands behind its scope. */
  readonly proofs: readonly ScopeProof[]
  readonly registryUrl: string
  readonly rootFingerprint: string
}

/** @throws Problem `not_found` */
export async function readModule(registry: Registry, name: string, version?: string): Promise<ModuleView> {
  const lines = await readIndex(registry, name)
  const latest = newestVersion(lines.map((line) => ({ version: line.v, status: line.status })))
  const wanted = version ?? latest?.version
  const line = lines.find(({ v }) => v === wanted)
  const shown = line && (await registry.meta.versions.find(name, line.v))
  if (!shown || !latest) {
    throw new Problem('not_found', `Cannot find ${version === undefined ? name : `${name} ${version}`}`)
  }
  return {
    name,
    shown,
    line,
    lines,
    latest: latest.version,
    pinned: version !== undefined,
    advisories: await readAdvisories(registry, name),
    proofs: await registry.meta.proofs.standing(scopeOf(name)),
    registryUrl: registry.url,
    rootFingerprint: rootFingerprint(registry.keys.root),
  }
}

async function readAdvisories({ meta }: Registry, name: string): Promise<ModuleAdvisory[]> {
  const found = await meta.advisories.list({ module: name })
  return found
    .flatMap(({ record }) => moduleAdvisories(osvRecord.parse(record)))
    .filter(({ module }) => module === name)
}

/** Those that are about the version which is shown. */
export function advisoriesAbout({ advisories, shown }: Pick<ModuleView, 'advisories' | 'shown'>): ModuleAdvisory[] {
  return advisories.filter(({ affected }) => satisfies(shown.version, affected, { includePrerelease: true }))
}

/** The lines of a module's index, the highest version first; empty where there is none. */
export async function readIndex(registry: Registry, name: string): Promise<IndexLine[]> {
  const rendered = await registry.indexes.index(name)
  const [, ...lines] = rendered?.text.trimEnd().split('\n') ?? []
  return lines.map((text) => indexLine.parse(JSON.parse(text))).sort((a, b) => rcompare(a.v, b.v))
}

/** The address of a module's pages, of the version where `pinned`. */
export function pathOf({ name, shown, pinned }: Pick<ModuleView, 'name' | 'shown' | 'pinned'>): string {
  return pinned ? `/${name}/${shown.version}` : `/${name}`
}
