import { delivered, dropped, refused, type ComponentContext, type Outcome } from '@ingot/sdk'
import type { LogsBatch } from '@ingot/telemetry'
import type { WriteArguments } from './arguments.ts'
import type { Fate } from './delivery.ts'
import { DiskQueue } from './disk-queue.ts'
import { Endpoint } from './endpoint.ts'
import type { WriteCapability } from './sender.ts'

type Context = ComponentContext<WriteArguments, { receiver: never }, WriteCapability>

/** What a batch's taker does: an endpoint itself, or the queue on disk before it. */
interface Taker {
  deliver(batch: LogsBatch): Promise<Fate>
}

/** All endpoints of one component. Each takes every batch, and settles it by itself. */
export class LokiWriter {
  readonly #context: Pick<Context, 'args' | 'env' | 'ledger' | 'signal' | 'setHealth'>
  readonly #endpoints: Endpoint[]
  readonly #queues: DiskQueue[] = []
  readonly #problems = new Map<number, string>()
  #takers: Promise<readonly Taker[]>

  constructor(context: Pick<Context, 'args' | 'env' | 'ledger' | 'signal' | 'setHealth'>) {
    const { args, env, ledger } = context
    this.#context = context
    this.#endpoints = args.endpoint.map(
      (endpoint, index) =>
        new Endpoint({
          args: endpoint,
          externalLabels: args.external_labels,
          streamsMax: args.max_streams,
          env,
          sent: (entries) => ledger.sent(entries),
          dropped: (entries, reason) => ledger.dropped(entries, reason),
          health: (problem) => this.#health(index, problem),
        }),
    )
    this.#takers = args.wal.enabled ? this.#openQueues() : Promise.resolve(this.#endpoints)
    // A queue that does not open fails `run`; accepting batches waits for the same promise.
    this.#takers.catch(() => undefined)
  }

  async run(): Promise<void> {
    const { signal, args, setHealth } = this.#context
    await this.#takers
    setHealth('healthy', 'sending')
    if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
    const { wal } = args
    await Promise.all(
      this.#endpoints.map((endpoint, i) =>
        endpoint.stop(wal.enabled ? wal.drain_timeout : args.endpoint[i]!.queue_config.drain_timeout),
      ),
    )
    await Promise.all(this.#queues.map((queue) => queue.close()))
  }

  async accept(batch: LogsBatch): Promise<Outcome> {
    const { ledger } = this.#context
    const takers = await this.#takers
    if (batch.count === 0) return delivered
    if (takers.length === 0) {
      ledger.dropped(batch.count, 'no_endpoint')
      return dropped('no_endpoint')
    }
    const fates = await Promise.all(takers.map((taker) => taker.deliver(batch)))
    const isRefused = fates.some((fate) => fate.refused > 0)
    const taken = fates.reduce((sum, fate) => sum + fate.sent + fate.dropped, 0)
    // Each endpoint beyond the first sends copies, and what a refused batch has sent already will come again.
    const created = taken + (isRefused ? batch.count : 0) - batch.count
    if (created > 0) ledger.created(created)
    if (isRefused) return refused(fates.find((fate) => fate.refused > 0)!.reason || 'stopped')
    return fates.some((fate) => fate.sent > 0) ? delivered : dropped(fates[0]!.reason)
  }

  async #openQueues(): Promise<readonly Taker[]> {
    const { args, env, ledger, signal } = this.#context
    const changed = () => ledger.queued(this.#queues.reduce((sum, queue) => sum + queue.pending, 0))
    for (const [index, endpoint] of this.#endpoints.entries()) {
      const name = args.endpoint[index]!.name ?? `endpoint-${index}`
      const queue = await DiskQueue.open({
        name,
        env,
        endpoint,
        signal,
        changed,
        quarantined: (entries) => ledger.quarantined(entries),
      })
      this.#queues.push(queue)
      ledger.created(queue.pending)
    }
    changed()
    for (const queue of this.#queues) queue.start()
    return this.#queues
  }

  #health(index: number, problem: string | undefined): void {
    if (problem === undefined ? !this.#problems.delete(index) : this.#problems.get(index) === problem) return
    if (problem !== undefined) this.#problems.set(index, problem)
    const { setHealth, env } = this.#context
    if (this.#problems.size === 0) return setHealth('healthy', 'sending')
    if (problem !== undefined) env.log.warn(problem)
    setHealth('unhealthy', [...this.#problems.values()].join('; '))
  }
}
