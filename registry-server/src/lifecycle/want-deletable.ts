import { moduleKey } from '@ingot/manifest'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'

/** What is older has been built upon; what was fetched more often, by somebody. */
const ageMs = 72 * 3_600_000
const downloadsMax = 100

/** @throws Problem for what more people than its owners have an interest in. */
export async function wantDeletable(
  { meta }: Registry,
  { module, version }: { readonly module: string; readonly version: string },
  now: Date,
): Promise<void> {
  const key = moduleKey(module, version)
  const found = await meta.versions.find(module, version)
  if (!found) throw new Problem('not_found', `Cannot find "${key}"`)
  const refuse = (why: string): never => {
    throw new Problem('not_deletable', `Cannot delete "${key}": ${why}`, { hint: 'yank it: nobody new will get it' })
  }
  const age = now.getTime() - Date.parse(found.publishedAt)
  if (age >= ageMs) refuse(`it was published ${found.publishedAt}, want less than ${ageMs / 3_600_000} hours ago`)
  const dependent = await meta.dependencies.activeDependent(module)
  if (dependent) refuse(`"${moduleKey(dependent.module, dependent.version)}" wants its module`)
  const downloads = await meta.downloads.ofVersion(found.logIndex)
  if (downloads >= downloadsMax) refuse(`it was downloaded ${downloads} times, want less than ${downloadsMax}`)
}
