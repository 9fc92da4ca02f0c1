import type { Registry } from '../registry.ts'
import type { StageRecord } from '../storage/meta/stage-store.ts'
import { approvalsWanted, publishStage } from './publish-stage.ts'

/**
 * Publishes what has all its approvals and waits all the same: a crash came between the last one and the publish. What
 * cannot be published goes on waiting, and whoever approves it again is told why.
 */
export async function completeStages(registry: Registry): Promise<void> {
  for (const stage of await registry.meta.stages.approved()) {
    if (!(await isApproved(registry, stage))) continue
    const actor = `user:${stage.approvals.at(-1)!.user}`
    await publishStage(registry, stage, { actor, token: null, ip: '' }, registry.clock()).catch(() => undefined)
  }
}

/** Where several people must, whoever has sent it is none of them. */
async function isApproved(registry: Registry, stage: StageRecord): Promise<boolean> {
  const wanted = await approvalsWanted(registry, stage)
  const counted = stage.approvals.filter(({ userId }) => wanted < 2 || userId !== stage.userId)
  return counted.length >= wanted
}
