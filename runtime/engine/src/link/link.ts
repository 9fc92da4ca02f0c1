import type { Outcome } from '@ingot/sdk'
import type { Batch } from '@ingot/telemetry'

/** The one way from a component's output to a receiver, wherever that runs: in this lane, in another, in a runner. */
export interface Link {
  /** Settles with the batch's fate at the receiver. Never throws. */
  deliver(port: string, batch: Batch): Promise<Outcome>
}

/** About how much memory a batch holds, for the bounds of queues. */
export function batchBytes(batch: Batch): number {
  switch (batch.type) {
    case 'loki.logs':
      return batch.arena.length + batch.count * 24
    case 'prometheus.metrics':
      return batch.count * 20
    default:
      return batch.bytes.length
  }
}
