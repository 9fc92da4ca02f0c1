import { ConfiguredHttpClient } from '@ingot/kits'
import type { ComponentContext } from '@ingot/sdk'
import type { ScrapeArguments } from './arguments.ts'
import { targetOf, type Target } from './target.ts'
import { TargetLoop, type LoopContext } from './target-loop.ts'

type Context = ComponentContext<
  ScrapeArguments,
  Record<string, never>,
  'http.request' | 'fs.read' | 'env.read' | 'clock' | 'random' | 'peers'
>

const latencyBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** The targets of one component, each with its loop. Targets that stay keep their series and their moments. */
export class ScrapePool {
  readonly #context: Context
  #args: ScrapeArguments
  readonly #loops = new Map<string, TargetLoop>()
  #targets = new Map<string, Target>()
  #loopContext: LoopContext
  #settling: Promise<unknown> = Promise.resolve()

  constructor(context: Context) {
    this.#context = context
    this.#args = context.args
    this.#loopContext = this.#contextFor(context.args)
  }

  async run(): Promise<void> {
    const { env, signal } = this.#context
    env.peers.onChange(() => this.#sync())
    this.#targets = this.#readTargets()
    this.#sync()
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    // The series go on after a restart: their end is not told.
    await Promise.all([...this.#loops.values()].map((loop) => loop.stop(false)))
    this.#loops.clear()
    await this.#settling
  }

  /** Takes new arguments. Loops whose target stays go on, unless what decides about their labels has changed. */
  update(args: ScrapeArguments): void {
    const renewed = rulesKey(args) !== rulesKey(this.#args)
    this.#args = args
    this.#loopContext = this.#contextFor(args)
    this.#targets = this.#readTargets()
    for (const [key, loop] of this.#loops) {
      const target = this.#targets.get(key)
      if (renewed) this.#end(key, loop, true)
      else if (target) loop.update(target, args, this.#loopContext)
    }
    this.#sync()
  }

  debugInfo(): unknown {
    return {
      target: [...this.#loops.values()].map(({ target, state }) => ({
        job: target.labels.get('job') ?? '',
        url: target.url,
        health: state.health,
        labels: target.labels.toObject(),
        last_error: state.lastError,
        last_scrape: new Date(state.lastScrapeMs).toISOString(),
        last_scrape_duration: `${state.lastDurationMs}ms`,
      })),
    }
  }

  #readTargets(): Map<string, Target> {
    const { env, id } = this.#context
    const targets = new Map<string, Target>()
    for (const labels of this.#args.targets) {
      try {
        const target = targetOf(labels, this.#args, id)
        targets.set(target.key, target)
      } catch (error) {
        env.log.error('target left out', { address: labels['__address__'], error: (error as Error).message })
      }
    }
    env.metrics
      .gauge('prometheus_scrape_targets_gauge', 'Number of targets this component is configured to scrape')
      .set(targets.size)
    return targets
  }

  /** Starts and stops loops so that they are those of the targets that this instance owns. */
  #sync(): void {
    const { env, signal } = this.#context
    if (signal.aborted) return
    const limit = this.#args.target_limit
    const refusal =
      limit > 0 && this.#targets.size > limit
        ? `target_limit exceeded: found ${this.#targets.size} targets, want at most ${limit}`
        : undefined
    for (const [key, loop] of this.#loops) {
      if (!this.#targets.has(key)) this.#end(key, loop, true)
      // Another instance goes on with the target: its series have not ended.
      else if (!env.peers.owns(key)) this.#end(key, loop, false)
    }
    for (const [key, target] of this.#targets) {
      if (!env.peers.owns(key)) continue
      let loop = this.#loops.get(key)
      if (!loop) {
        loop = new TargetLoop(target, this.#args, this.#loopContext)
        this.#loops.set(key, loop)
        loop.start()
      }
      loop.refuse(refusal)
    }
  }

  #end(key: string, loop: TargetLoop, stale: boolean): void {
    this.#loops.delete(key)
    this.#settling = Promise.all([this.#settling, loop.stop(stale)])
  }

  #contextFor(args: ScrapeArguments): LoopContext {
    const { env, ledger } = this.#context
    return {
      client: new ConfiguredHttpClient(args, env),
      codec: env.codec,
      clock: env.clock,
      log: env.log,
      random: env.random,
      ledger,
      output: args.forward_to,
      forwarded: env.metrics.counter(
        'prometheus_forwarded_samples_total',
        'Total number of samples sent to downstream components.',
      ),
      latency: env.metrics.histogram(
        'prometheus_fanout_latency',
        'Write latency for sending to direct and indirect components',
        latencyBuckets,
      ),
    }
  }
}

/** What a series' labels depend on beside its target. */
function rulesKey(args: ScrapeArguments): string {
  return JSON.stringify([
    args.honor_labels,
    args.metric_name_validation_scheme,
    args.label_limit,
    args.label_name_length_limit,
    args.label_value_length_limit,
  ])
}
