import type { ArgumentsFrame } from '@ingot/sdk/host'
import { readdir } from 'node:fs/promises'
import { listEdges, type EdgeDirectory, type EdgeFacts } from '../link/edge-directory.ts'
import type { ComponentTable } from './component-table.ts'
import type { Configuration } from './configuration.ts'
import type { LaneSupervisor } from './lane-supervisor.ts'
import type { CollectorLog } from './log.ts'

export interface OrphanedEdgesOptions {
  readonly storageDir: string
  readonly table: ComponentTable
  readonly lanes: LaneSupervisor
  readonly log: Pick<CollectorLog, 'log'>
}

/** Records on disk whose sender is no longer in the configuration. */
export interface OrphanedEdge extends Partial<EdgeFacts> {
  readonly directory: string
  /** When they were found. */
  readonly records: number
  /** Their destination runs and gets them; otherwise they wait for a configuration in which it does. */
  readonly adopted: boolean
}

/**
 * What renamed and rerouted senders have left in the queues of their edges: found after every load, shown, and sent on
 * where the destination still runs. Nothing is deleted but what is empty.
 */
export class OrphanedEdges {
  readonly #options: OrphanedEdgesOptions
  readonly #found = new Map<string, OrphanedEdge & { readonly lane: number }>()

  constructor(options: OrphanedEdgesOptions) {
    this.#options = options
  }

  get all(): readonly OrphanedEdge[] {
    return [...this.#found.values()]
  }

  /** Before senders change: one of them may be the sender of such a queue again. */
  async release(): Promise<void> {
    const { lanes } = this.#options
    const adopters = new Set(this.all.flatMap((one) => (one.adopted ? [this.#found.get(one.directory)!.lane] : [])))
    this.#found.clear()
    await Promise.all([...adopters].map((lane) => lanes.call(lane, { kind: 'release-queues' }).catch(() => undefined)))
  }

  /** After senders have changed. */
  async find(configuration: Configuration): Promise<void> {
    const { storageDir, lanes } = this.#options
    const orphans = (await listEdges(storageDir)).filter((edge) => !this.#inUse(edge, configuration))
    if (orphans.length === 0 || !lanes.started) return
    // An edge that a sender has just lost may still be closing its queue.
    const running = Array.from({ length: lanes.count }, (_, lane) => lane)
    await Promise.all(running.map((lane) => lanes.call(lane, { kind: 'edges-closed' }).catch(() => undefined)))
    for (const orphan of orphans) if (!this.#found.has(orphan.directory)) await this.#take(orphan)
  }

  /** The queues that a lane had adopted are nobody's again. */
  async onLaneRestarted(lane: number, configuration: Configuration | undefined): Promise<void> {
    for (const [directory, one] of this.#found) if (one.lane === lane) this.#found.delete(directory)
    if (configuration) await this.find(configuration)
  }

  onDone(directory: string): void {
    const done = this.#found.get(directory)
    if (!this.#found.delete(directory)) return
    const { from, to } = done!
    this.#options.log.log('info', 'the queue of a former sender is sent', { from, to, records: done!.records })
  }

  async #take({ directory, facts }: EdgeDirectory): Promise<void> {
    const { lanes, table, log } = this.#options
    const receiver = facts && table.get(facts.to)
    const to = receiver && { component: facts.to, port: facts.port }
    const lane = receiver?.desired.lanes[0] ?? 0
    try {
      const records = await lanes.call<number>(lane, { kind: 'adopt-queue', queue: { directory, to } })
      // It may be empty, and gone.
      if (records === 0 && !(await readdir(directory).catch(() => undefined))) return
      const adopted = to !== undefined
      this.#found.set(directory, { ...facts, directory, records, adopted, lane })
      const what = adopted ? 'are sent on' : 'wait on disk for their destination'
      log.log('warn', `records of a sender that is no longer configured ${what}`, { ...facts, records, directory })
    } catch (error) {
      log.log('error', 'cannot look into the queue of a former sender', {
        ...facts,
        directory,
        error: (error as Error).message,
      })
    }
  }

  /** Also while its sender is only about to run: then nobody knows yet where it sends. */
  #inUse({ facts }: EdgeDirectory, configuration: Configuration): boolean {
    if (!facts) return false
    const { from } = facts
    const frame = configuration.frameOf(from)
    if (!frame && configuration.has(from)) return true
    return [frame, this.#options.table.get(from)?.desired.frame].some((one) => one && sends(one, facts))
  }
}

function sends({ outputs }: ArgumentsFrame, { output, to, port }: EdgeFacts): boolean {
  return outputs.some(
    ({ path, receivers }) =>
      path.join('.') === output && receivers.some((one) => one.component === to && one.port === port),
  )
}
