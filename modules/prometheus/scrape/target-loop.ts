import { Backoff } from '@ingot/kits'
import type { Histogram, Counter, Ledger, Logger, Output, Random } from '@ingot/sdk'
import type { MetricsBatch } from '@ingot/telemetry'
import type { ScrapeArguments } from './arguments.ts'
import { scrapeTarget, type ScrapeEnv } from './scrape-target.ts'
import { TargetSeries, type Report } from './target-series.ts'
import { spreadOf, type Target } from './target.ts'

/** A scrape that begins this close to its moment is stamped with the moment: regular timestamps compress well. */
const timestampToleranceMs = 2
const emitBackoffMs = { min: 100, max: 5000 }

export interface LoopContext extends ScrapeEnv {
  readonly log: Logger
  readonly ledger: Ledger
  readonly output: Output<MetricsBatch>
  readonly random: Random
  readonly forwarded: Counter
  readonly latency: Histogram
}

export interface ScrapeState {
  readonly health: 'unknown' | 'up' | 'down'
  readonly lastError: string
  readonly lastScrapeMs: number
  readonly lastDurationMs: number
}

/** Scrapes one target at its interval until it is stopped. A scrape that is late skips moments; it never runs twice at once. */
export class TargetLoop {
  target: Target
  state: ScrapeState = { health: 'unknown', lastError: '', lastScrapeMs: 0, lastDurationMs: 0 }
  #context: LoopContext
  #args: ScrapeArguments
  readonly #series: TargetSeries
  readonly #abort = new AbortController()
  #sleep = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #refusal: string | undefined

  constructor(target: Target, args: ScrapeArguments, context: LoopContext) {
    this.target = target
    this.#args = args
    this.#context = context
    this.#series = new TargetSeries(target.labels, args)
  }

  start(): void {
    this.#running = this.#run()
  }

  /** New arguments that leave the target's labels as they are. */
  update(target: Target, args: ScrapeArguments, context: LoopContext): void {
    const wake = target.intervalMs !== this.target.intervalMs
    this.target = target
    this.#args = args
    this.#context = context
    if (wake) this.#sleep.abort()
  }

  /** Fails all scrapes from now on with this reason; undefined lets them go on. */
  refuse(reason: string | undefined): void {
    this.#refusal = reason
  }

  /** Ends the scrapes. `stale`: whether the end of the series is told, because nobody else goes on with the target. */
  async stop(stale: boolean): Promise<void> {
    this.#abort.abort()
    this.#sleep.abort()
    await this.#running
    if (!stale || this.state.health === 'unknown') return
    const batch = this.#series.ended(Math.floor(this.#context.clock.now()), 'stale')
    if (batch.count > 0) await this.#emit(batch, 0)
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort
    let moment = this.#nextMoment()
    while (!signal.aborted) {
      const { clock } = this.#context
      this.#sleep = new AbortController()
      try {
        await clock.sleep(Math.max(0, moment - clock.now()), { signal: this.#sleep.signal })
      } catch {
        moment = this.#nextMoment()
        continue
      }
      await this.#scrape(moment)
      const { intervalMs } = this.target
      const missed = Math.floor((clock.now() - moment) / intervalMs)
      // A clock that was set back must not stop the scrapes for as long.
      moment = missed < -1 ? this.#nextMoment() : moment + intervalMs * Math.max(1, missed + 1)
    }
  }

  /** The target's next moment by the wall clock: the same after a restart. */
  #nextMoment(): number {
    const { intervalMs, key } = this.target
    const offset = Math.floor(spreadOf(key) * intervalMs)
    return Math.ceil((this.#context.clock.now() - offset) / intervalMs) * intervalMs + offset
  }

  async #scrape(moment: number): Promise<void> {
    const { clock, log } = this.#context
    const { signal } = this.#abort
    const started = clock.monotonic()
    const now = clock.now()
    const timestampMs = Math.floor(Math.abs(now - moment) <= timestampToleranceMs ? moment : now)
    let bytes = -1
    let problem: Error | undefined
    try {
      if (this.#refusal !== undefined) throw new Error(this.#refusal)
      bytes = await scrapeTarget(this.target, this.#series, this.#args, this.#context, signal)
    } catch (error) {
      problem = error as Error
    }
    if (signal.aborted) return
    const durationMs = clock.monotonic() - started
    if (problem) log.debug('scrape failed', { target: this.target.url, error: problem.message })
    if (this.#series.parser.duplicates > 0) {
      log.warn('the target exposes series more than once', {
        target: this.target.url,
        samples: this.#series.parser.duplicates,
      })
    }
    this.state = {
      health: problem ? 'down' : 'up',
      lastError: problem?.message ?? '',
      lastScrapeMs: now,
      lastDurationMs: durationMs,
    }
    const report = this.#report(problem === undefined, durationMs, bytes)
    const batch = problem
      ? this.#series.ended(timestampMs, report)
      : this.#series.good(timestampMs, report, this.#args.track_timestamps_staleness)
    await this.#emit(batch, moment + this.target.intervalMs)
  }

  #report(good: boolean, durationMs: number, bytes: number): Report {
    const { parser } = this.#series
    const report: [Report[number][0], number][] = [
      ['up', good ? 1 : 0],
      ['scrape_duration_seconds', durationMs / 1000],
      ['scrape_samples_scraped', good ? parser.scraped : 0],
      ['scrape_samples_post_metric_relabeling', good ? parser.samples.count : 0],
      ['scrape_series_added', good ? parser.added : 0],
    ]
    if (this.#args.extra_metrics) {
      report.push(
        ['scrape_timeout_seconds', this.target.timeoutMs / 1000],
        ['scrape_sample_limit', this.#args.sample_limit],
        ['scrape_body_size_bytes', good ? bytes : -1],
      )
    }
    return report
  }

  /** Hands the batch on. Where it is refused it is tried again until `deadlineMs`, the moment of the next scrape. */
  async #emit(batch: MetricsBatch, deadlineMs: number): Promise<void> {
    const { clock, ledger, output, random, forwarded, latency } = this.#context
    const { signal } = this.#abort
    const started = clock.monotonic()
    const backoff = new Backoff({ minMs: emitBackoffMs.min, maxMs: emitBackoffMs.max, random })
    ledger.created(batch.count)
    for (;;) {
      const outcome = await output.emit(batch)
      if (outcome.status !== 'refused') break
      const waitMs = backoff.next(outcome.retryAfterMs)
      if (signal.aborted || clock.now() + waitMs >= deadlineMs) {
        ledger.dropped(batch.count, 'refused')
        return
      }
      await clock.sleep(waitMs, { signal }).catch(() => {})
    }
    forwarded.add(batch.count)
    latency.observe((clock.monotonic() - started) / 1000)
  }
}
