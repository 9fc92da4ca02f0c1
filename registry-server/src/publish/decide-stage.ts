import { authorOf, type Principal } from '../access/principal.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { StageRecord } from '../storage/meta/stage-store.ts'
import { approvalsWanted, decided, keyOf, publishStage } from './publish-stage.ts'

export type Approved =
  | { readonly published: true; readonly bundle: string }
  | { readonly published: false; readonly approvals: number; readonly wanted: number }

export interface Decision {
  readonly module: string
  readonly id: string
  /** The bytes that were looked at, so that none are approved unseen. */
  readonly sha512: string
  readonly principal: Principal
  readonly ip: string
  readonly now?: Date
}

/**
 * Approves a version that waits, and publishes it when enough people have. May be repeated.
 * @throws Problem
 */
export async function approveStage(registry: Registry, decision: Decision): Promise<Approved> {
  const { principal, ip, now = registry.clock() } = decision
  const stage = await waitingStage(registry, decision)
  if (principal.kind !== 'session') {
    throw new Problem('session_required', 'Cannot approve with a token: no token may')
  }
  const wanted = await approvalsWanted(registry, stage)
  if (wanted >= 2 && principal.user.id === stage.userId) {
    throw new Problem(
      'approval_own',
      `Cannot approve "${keyOf(stage)}": whoever has sent it cannot be one of ${wanted}`,
    )
  }
  if (needsStaff(stage) && !principal.user.staff) {
    throw new Problem(
      'forbidden',
      `Cannot approve "${keyOf(stage)}": its name is near another's, which staff decides about`,
    )
  }
  const approval = {
    userId: principal.user.id,
    user: principal.user.name,
    method: 'second factor',
    staff: principal.user.staff,
    at: now.toISOString(),
  }
  const approved = await registry.meta.stages.approve(stage.id, approval, authorOf(principal, ip))
  if (approved.approvals.length < wanted) return { published: false, approvals: approved.approvals.length, wanted }
  return { published: true, bundle: await publishStage(registry, approved, authorOf(principal, ip), now) }
}

/** @throws Problem */
export async function rejectStage(registry: Registry, decision: Omit<Decision, 'sha512'>): Promise<void> {
  const { principal, ip, now = registry.clock() } = decision
  const stage = await waitingStage(registry, decision)
  if (!(await registry.meta.stages.reject(stage.id, authorOf(principal, ip), now.toISOString()))) throw decided(stage)
}

async function waitingStage(
  { meta }: Registry,
  { module, id, sha512 }: { readonly module: string; readonly id: string; readonly sha512?: string },
): Promise<StageRecord> {
  const stage = await meta.stages.find(id)
  if (!stage || stage.module !== module) throw new Problem('not_found', `Cannot find the stage "${id}"`)
  if (stage.state !== 'open') throw decided(stage)
  if (sha512 !== undefined && sha512 !== stage.sha512) {
    throw new Problem('digest_mismatch', `Cannot approve "${keyOf(stage)}": found bytes of sha512 ${stage.sha512}`)
  }
  return stage
}

/** A name of the same scope is near by its owners' own will; that of another may be a trap. */
function needsStaff({ reasons }: StageRecord): boolean {
  return reasons.includes('near_name')
}
