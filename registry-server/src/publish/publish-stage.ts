import { buffer } from 'node:stream/consumers'
import { moduleKey, scopeOf } from '@ingot/manifest'
import { bundleText } from '../log/bundle.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { Author } from '../storage/meta/append-audit.ts'
import type { StageRecord } from '../storage/meta/stage-store.ts'
import { inspectModule } from './inspect-module.ts'
import { signVersion } from './sign-version.ts'
import { wantProvenance } from './want-provenance.ts'

/** How many people must approve a version that waits, as its scope is now. */
export async function approvalsWanted({ meta }: Registry, { module }: StageRecord): Promise<number> {
  const policy = (await meta.scopes.find(scopeOf(module)))?.policy
  return Math.max(1, policy?.minApprovals ?? 0)
}

/** Publishes a version that enough people have approved. @throws Problem */
export async function publishStage(registry: Registry, stage: StageRecord, author: Author, now: Date): Promise<string> {
  const blob = await registry.blobs.read(stage.sha512)
  if (!blob) throw new Error(`The bytes of the stage ${stage.id} are missing`)
  const inspected = await inspectModule(await buffer(blob.content))
  const { publisher, sha512, sizeBytes, approvals } = stage
  // The scope may have become stricter since.
  await wantProvenance(registry, inspected.manifest, publisher)
  const facts = { inspected, sha512, sizeBytes, publisher, approvals, humanSecondFactor: false, now }
  const { statement, leaf } = signVersion(registry, facts)
  const { manifest, readme, files } = inspected
  const result = await registry.meta.versions.commit(
    { manifest, readme, files, leaf, author, bundleAt: (place) => bundleText(statement, place, registry.keys) },
    async (transaction) => {
      if (!(await registry.meta.stages.close(transaction, stage.id, 'published'))) throw decided(stage)
    },
  )
  if (result.sha512 !== sha512) {
    throw new Problem('version_exists', `Cannot publish "${keyOf(stage)}": meanwhile it exists with other content`)
  }
  // The same bytes have come another way meanwhile: nothing is left to decide.
  if (!result.created) await registry.meta.stages.settle(stage.id)
  await registry.outbox.drain()
  return result.bundle
}

export function decided(stage: StageRecord): Problem {
  return new Problem('stage_decided', `Cannot decide about "${keyOf(stage)}": it does not wait any more`)
}

export function keyOf({ module, version }: StageRecord): string {
  return moduleKey(module, version)
}
