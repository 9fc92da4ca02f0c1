import {
  capabilityChanges,
  capabilitySummary,
  moduleKey,
  scopeOf,
  type ModuleManifest,
  type StageReason,
} from '@ingot/manifest'
import { compare, diff } from 'semver'
import type { Principal } from '../access/principal.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { foldName } from './fold-name.ts'

/** A stolen credential publishes many modules at once; people do not (registry.md §2.8). */
const burst = { modulesMax: 10, withinMs: 10 * 60_000 } as const

export interface Judged {
  /** Why it waits for people; empty when it is published at once. */
  readonly reasons: readonly StageReason[]
  /** What it may do that the version below could not. */
  readonly increase: readonly string[]
}

/**
 * Whether a version may be published at once (registry.md §2.5). A scope that nobody has claimed has nobody to approve an
 * increase: its policy is the operator's who made the token.
 * @throws Problem for what may not be published at all.
 */
export async function holdReasons(
  { meta }: Registry,
  manifest: ModuleManifest,
  principal: Principal,
  { stage, now }: { readonly stage: boolean; readonly now: Date },
): Promise<Judged> {
  const { name, version } = manifest
  const policy = (await meta.scopes.find(scopeOf(name)))?.policy
  const increase = await capabilityIncrease(meta, manifest)
  if (increase.patch && increase.lines.length > 0) {
    throw new Problem(
      'caps_increase_patch',
      `Cannot publish "${moduleKey(name, version)}": a patch of ${increase.base} may not do more, found ${increase.lines.join(', ')}`,
      { hint: 'publish it as the next minor or major version' },
    )
  }
  const reasons: StageReason[] = []
  const stageOnly = principal.kind === 'token' && !principal.token.permissions.includes('publish')
  if (stage || stageOnly || (policy?.minApprovals ?? 0) > 0) reasons.push('approval')
  if (increase.lines.length > 0 && policy?.holdOnCapabilityIncrease === true) reasons.push('capability_increase')
  const nearModules = await meta.versions.nearNames(name, foldName(name))
  if (nearModules.length > 0 || (await meta.scopes.isNear(scopeOf(name)))) reasons.push('near_name')
  const since = new Date(now.getTime() - burst.withinMs).toISOString()
  const recent = await meta.versions.modulesSince(scopeOf(name), since, burst.modulesMax + 1)
  if (policy && recent.filter((module) => module !== name).length >= burst.modulesMax) reasons.push('burst')
  return { reasons, increase: increase.lines }
}

async function capabilityIncrease(
  meta: Registry['meta'],
  manifest: ModuleManifest,
): Promise<{ base: string | undefined; patch: boolean; lines: string[] }> {
  const known = await meta.versions.list(manifest.name)
  const [base] = known
    .filter(({ version, status }) => status !== 'tombstoned' && compare(version, manifest.version) < 0)
    .sort((a, b) => compare(b.version, a.version))
  if (!base) return { base: undefined, patch: false, lines: [] }
  const { added, widened } = capabilityChanges(capabilitySummary(base.manifest), capabilitySummary(manifest))
  const lines = [...added, ...widened.map(({ to }) => to)]
  return { base: base.version, patch: diff(base.version, manifest.version) === 'patch', lines }
}
