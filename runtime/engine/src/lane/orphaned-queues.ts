import { FileQueue } from '@ingot/capabilities'
import { rm } from 'node:fs/promises'
import { EdgeCells } from '../ledger/edge-cells.ts'
import { defaultEdgePolicy } from '../link/edge-policy.ts'
import type { Link } from '../link/link.ts'
import { SpillQueue } from '../link/spill-queue.ts'

/** How often a queue is looked at whether all of it is settled. */
const lookEveryMs = 250

export interface OrphanedQueue {
  readonly directory: string
  /** Who gets what is left; without it the records are only counted. */
  readonly to: { readonly component: string; readonly port: string } | undefined
}

interface Open {
  readonly abort: AbortController
  readonly spill: SpillQueue
  readonly look: NodeJS.Timeout
}

/** Sends on what senders that are no longer in the configuration have left on disk. No sender may open the same queue meanwhile. */
export class OrphanedQueues {
  readonly #linkTo: (component: string) => Link | undefined
  readonly #onDone: (directory: string) => void
  readonly #open = new Map<string, Open>()

  constructor(linkTo: (component: string) => Link | undefined, onDone: (directory: string) => void) {
    this.#linkTo = linkTo
    this.#onDone = onDone
  }

  /** Resolves to how many records wait. A queue that holds none is removed. */
  async adopt({ directory, to }: OrphanedQueue): Promise<number> {
    if (this.#open.has(directory)) return 0
    const bytesMax = defaultEdgePolicy.diskBytes
    // As the only lane there is: it takes over what the sender's instance of every lane has left.
    const queue = await FileQueue.open(directory, { index: 0, count: 1 }, { bytesMax })
    const { count, records } = queue.pending
    if (records === 0 || !to) {
      await queue.close()
      if (records === 0) await rm(directory, { recursive: true, force: true })
      return count
    }
    const abort = new AbortController()
    const { component, port } = to
    const spill = new SpillQueue({
      queue,
      port,
      cells: new EdgeCells(),
      link: () => this.#linkTo(component),
      memoryBytes: defaultEdgePolicy.memoryBytes,
      signal: abort.signal,
    })
    const look = setInterval(() => {
      if (queue.pending.records === 0) void this.#finish(directory)
    }, lookEveryMs).unref()
    this.#open.set(directory, { abort, spill, look })
    return count
  }

  /** Lets go of every queue: what is not settled stays on disk. */
  async release(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((directory) => this.#close(directory)))
  }

  async #finish(directory: string): Promise<void> {
    if (!(await this.#close(directory))) return
    await rm(directory, { recursive: true, force: true })
    this.#onDone(directory)
  }

  async #close(directory: string): Promise<boolean> {
    const open = this.#open.get(directory)
    if (!open) return false
    this.#open.delete(directory)
    clearInterval(open.look)
    open.abort.abort()
    await open.spill.close()
    return true
  }
}
