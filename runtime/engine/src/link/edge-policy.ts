/** What an edge does when its receiver is slower than its sender. */
export interface EdgePolicy {
  /** `block` makes the sender wait; `spill` settles once the batch is durable on disk; `drop_oldest` gives up the oldest waiting batch. */
  readonly policy: 'block' | 'spill' | 'drop_oldest'
  /** Bound of what is under way in memory. */
  readonly memoryBytes: number
  /** Bound of what waits on disk (`spill`). */
  readonly diskBytes: number
}

export const defaultEdgePolicy: EdgePolicy = { policy: 'block', memoryBytes: 32 * 2 ** 20, diskBytes: 2 ** 30 }
