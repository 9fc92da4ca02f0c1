import type { Transaction } from 'kysely'
import type { Schema } from '../storage/database/schema.ts'
import type { Registry } from '../registry.ts'
import type { MetaStore } from '../storage/meta-store.ts'
import type { OutboxTopic } from '../storage/meta/outbox-store.ts'
import { tellOfEvent } from '../webhooks/tell-webhooks.ts'

/** How long what another server has left behind, or what was put off, may lie unseen. */
const pollMs = 2_000

type Handler = (logIndex: number, transaction: Transaction<Schema>) => Promise<void>

/** Does what is to be done about events: at once after a publish, and from time to time for whoever did not come to it. */
export class OutboxWorker {
  readonly #meta: MetaStore
  readonly #clock: () => Date
  readonly #handlers: Readonly<Record<OutboxTopic, Handler>>
  readonly #running = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined

  constructor({ meta, blobs, clock }: Pick<Registry, 'meta' | 'blobs' | 'clock'>) {
    this.#meta = meta
    this.#clock = clock
    this.#handlers = {
      search: (logIndex, transaction) => meta.searchIndexer.index(logIndex, transaction),
      erase: async (logIndex, transaction) => {
        const sha512 = await meta.versions.blobOfEvent(logIndex, transaction)
        if (sha512 !== undefined) await blobs.erase(sha512)
      },
      webhook: async (logIndex, transaction) =>
        tellOfEvent(meta.log, await meta.log.event(logIndex, transaction), transaction),
    }
  }

  /** Resolves when what was left from before is done. */
  async start(): Promise<void> {
    await this.drain()
    this.#timer = setInterval(() => void this.drain(), pollMs).unref()
  }

  /** Resolves when nothing is due. It never rejects: an event stands, whatever comes of what follows from it. */
  drain(): Promise<void> {
    const run = this.#drain().finally(() => this.#running.delete(run))
    this.#running.add(run)
    return run
  }

  async #drain(): Promise<void> {
    try {
      while (
        await this.#meta.outbox.runNext(this.#clock(), ({ topic, logIndex }, transaction) =>
          this.#handlers[topic](logIndex, transaction),
        )
      );
    } catch {
      // The database is away: the jobs are still there when it comes back.
    }
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await Promise.all(this.#running)
  }
}
