import { delivered, dropped, refused, type ComponentContext, type Outcome } from '@ingot/sdk'
import type { MetricsBatch } from '@ingot/telemetry'
import type { RemoteWriteArguments } from './arguments.ts'
import { Endpoint, queueBytesMax } from './endpoint.ts'

type Context = ComponentContext<
  RemoteWriteArguments,
  { receiver: never },
  'http.request' | 'fs.read' | 'env.read' | 'clock' | 'random' | 'state'
>
export type RemoteWriteContext = Pick<Context, 'args' | 'env' | 'ledger' | 'signal'> & { showQueued(): void }

/** All endpoints of one component. Each has its own queue, so that one that is down holds up no other. */
export class RemoteWriter {
  readonly #context: RemoteWriteContext
  #endpoints: readonly Endpoint[] = []
  readonly #opened: Promise<void>

  constructor(context: Pick<Context, 'args' | 'env' | 'ledger' | 'signal'>) {
    const { args, env, ledger, signal } = context
    this.#context = { args, env, ledger, signal, showQueued: () => this.#showQueued() }
    this.#opened = this.#open()
  }

  async run(): Promise<void> {
    await this.#opened
    const { signal } = this.#context
    await Promise.all(this.#endpoints.map((endpoint) => endpoint.run(signal)))
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  /** Settles when every endpoint has the samples on disk. */
  async accept(batch: MetricsBatch): Promise<Outcome> {
    await this.#opened
    const { ledger } = this.#context
    const endpoints = this.#endpoints.filter((endpoint) => !endpoint.full)
    if (this.#endpoints.length > 0 && endpoints.length === 0) return refused('queue_full', 1000)
    // One batch becomes one for each endpoint.
    if (this.#endpoints.length > 1) ledger.created(batch.count * (this.#endpoints.length - 1))
    const missed = this.#endpoints.length - endpoints.length
    if (missed > 0) ledger.dropped(batch.count * missed, 'queue_full')
    if (endpoints.length === 0) {
      ledger.dropped(batch.count, 'no_endpoint')
      return dropped('no_endpoint')
    }
    const outcomes = await Promise.all(endpoints.map((endpoint) => endpoint.accept(batch)))
    this.#showQueued()
    return outcomes.find(({ status }) => status !== 'delivered') ?? delivered
  }

  async #open(): Promise<void> {
    const { args, env, ledger } = this.#context
    this.#endpoints = await Promise.all(
      args.endpoint.map(async (endpoint, index) => {
        const name = endpoint.name || `endpoint-${index}`
        // By name or place, not by URL: a corrected URL must still send what was queued for the wrong one.
        const queue = await env.state.queue(name, { bytesMax: queueBytesMax })
        ledger.created(queue.pending.count)
        return new Endpoint(this.#context, endpoint, name, queue)
      }),
    )
    this.#showQueued()
  }

  #showQueued(): void {
    this.#context.ledger.queued(this.#endpoints.reduce((sum, endpoint) => sum + endpoint.pending, 0))
  }
}
