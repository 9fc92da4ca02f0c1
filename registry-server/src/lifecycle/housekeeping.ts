import type { Registry } from '../registry.ts'
import type { BlobStore } from '../storage/blob-store.ts'
import type { MetaStore } from '../storage/meta-store.ts'

/** What has ended may lie for as long as this. */
const everyMs = 3_600_000
/** Every bucket of a limit is full again long before. */
const bucketsUnusedMs = 7 * 24 * 3_600_000
/** Whoever has failed is forgotten when all their attempts are back, which takes an hour at most. */
const attemptsUnusedMs = 2 * 3_600_000

/** Ends what has waited too long, removes bytes that nothing names, and makes days of old hours: at the start and every hour. */
export class Housekeeping {
  readonly #meta: MetaStore
  readonly #blobs: BlobStore
  readonly #clock: () => Date
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> = Promise.resolve()

  constructor({ meta, blobs, clock }: Pick<Registry, 'meta' | 'blobs' | 'clock'>) {
    this.#meta = meta
    this.#blobs = blobs
    this.#clock = clock
  }

  /** @throws when the storage fails: a registry that cannot sweep cannot serve either. */
  async start(): Promise<void> {
    await this.#tidy(this.#clock())
    this.#timer = setInterval(() => {
      // A storage that is away now is there in an hour.
      this.#running = this.#tidy(this.#clock()).catch(() => undefined)
    }, everyMs).unref()
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#running
  }

  async #tidy(now: Date): Promise<void> {
    await this.#meta.stages.expire(now)
    await this.#meta.buckets.sweep(new Date(now.getTime() - bucketsUnusedMs))
    await this.#meta.failedAttempts.sweep(new Date(now.getTime() - attemptsUnusedMs))
    await this.#meta.downloads.rollUp(now)
    await this.#meta.deliveries.sweep(now)
    await this.#meta.requests.sweep(now)
    await this.#meta.reports.sweep(now)
    await this.#blobs.sweep((sha512) => this.#isKept(sha512))
  }

  async #isKept(sha512: string): Promise<boolean> {
    const version = await this.#meta.versions.ofBlob(sha512)
    if (version) return version.status !== 'tombstoned'
    return this.#meta.stages.holdsBlob(sha512)
  }
}
