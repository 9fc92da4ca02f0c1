import { moduleKey } from '@ingot/manifest'
import { z } from 'zod'
import { Problem } from '../problem.ts'

/** `?allow=quarantined`: for whoever wants to look at what nobody should run. */
export const allowQuery = z.object({ allow: z.literal('quarantined').optional() })

/** @throws Problem for what is not handed out any more, or only to those who insist. */
export function wantServed(
  found: { readonly module: string; readonly version: string; readonly status: string },
  { allow }: z.infer<typeof allowQuery>,
): void {
  const action = `Cannot hand out "${moduleKey(found.module, found.version)}"`
  if (found.status === 'tombstoned') throw new Problem('tombstoned', `${action}: it is gone for good`)
  if (found.status !== 'quarantined' || allow === 'quarantined') return
  throw new Problem('quarantined', `${action}: it is in quarantine`, {
    hint: 'whoever has looked into it may still have it: allow_quarantined of the registry block',
  })
}
