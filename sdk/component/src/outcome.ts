/**
 * The settled fate of a batch.
 *
 * - `delivered`: the remote acknowledged it, or it is durable in a queue on disk. A rule of the pipeline that
 *   left records out on purpose (a filter) also ends as delivered: their fate is settled as the user wants it.
 * - `dropped`: it is gone for good, and counted under `reason` by whoever dropped it.
 * - `refused`: nothing was taken; the sender still owns the batch and may emit it again.
 */
export type Outcome =
  | { readonly status: 'delivered' }
  | { readonly status: 'dropped'; readonly reason: string }
  | { readonly status: 'refused'; readonly reason: string; readonly retryAfterMs?: number }

export const delivered: Outcome = Object.freeze({ status: 'delivered' })

export function dropped(reason: string): Outcome {
  return { status: 'dropped', reason }
}

export function refused(reason: string, retryAfterMs?: number): Outcome {
  return retryAfterMs === undefined ? { status: 'refused', reason } : { status: 'refused', reason, retryAfterMs }
}
