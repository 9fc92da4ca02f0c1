import type { ComponentContext, Outcome } from '@ingot/sdk'
import { expandPathTargets, type Target } from '@ingot/kits'
import { Labels, type LogsBatch } from '@ingot/telemetry'
import type { SourceFileArguments } from './arguments.ts'
import { CompressedFile } from './compressed-file.ts'
import { InFlightTotal } from './in-flight.ts'
import { readLegacyPositions } from './legacy-positions.ts'
import { PathTailer, type PathWorld } from './path-tailer.ts'
import { Positions } from './positions.ts'
import { ReadBuffers } from './read-buffers.ts'
import { positionKey } from './resume.ts'
import type { TailContext } from './tailed-file.ts'

type Context = ComponentContext<SourceFileArguments, Record<string, never>, 'fs.read' | 'state' | 'clock' | 'peers'>

/** First wait after a refusal, and the longest. */
const retryMsMin = 100
const retryMsMax = 10_000
/** How long stopping waits for entries that are on their way. */
const drainMsMax = 10_000

interface Running {
  stop(): void
  readonly done: Promise<void>
}

/** All files of one component: which are followed, and what they share. */
export class FileSource {
  readonly #context: Context
  readonly #world: PathWorld
  readonly #buffers = new ReadBuffers()
  readonly #tailers = new Map<string, Running>()
  #args: SourceFileArguments
  #legacy: ReadonlyMap<string, number> = new Map()
  #last = { seconds: 0, nanos: 0 }
  /** Lines read and not settled. */
  #unsettled = 0
  /** Ends the pause between two searches; a call between pauses makes the next one short. */
  #wakePause: () => void = () => undefined
  #woken = false

  constructor(context: Context) {
    const { env, args } = context
    this.#context = context
    this.#args = args
    const total = new InFlightTotal()
    this.#world = { fs: env.fs, clock: env.clock, log: env.log, positions: new Positions(env.state), total }
    context.signal.addEventListener('abort', () => total.changed())
  }

  async run(): Promise<void> {
    const { signal, env, onUpdate, setHealth, debugInfo } = this.#context
    onUpdate((args) => this.#update(args))
    env.peers.onChange(() => this.#wake())
    debugInfo(() => ({ files: [...this.#tailers.keys()].map((key) => ({ key, position: env.state.get(key) })) }))
    this.#legacy = await readLegacyPositions(env.fs, this.#args.legacy_positions_file, env.log)
    while (!signal.aborted) {
      try {
        await this.#sync()
        setHealth('healthy', `reading ${this.#tailers.size} files`)
      } catch (error) {
        setHealth('unhealthy', `files could not be searched: ${String(error)}`)
      }
      await this.#pause()
    }
    await this.#stop()
  }

  async #update(args: SourceFileArguments): Promise<void> {
    const sameReading = JSON.stringify(readingOf(args)) === JSON.stringify(readingOf(this.#args))
    this.#args = args
    if (!sameReading) await this.#stopTailers([...this.#tailers.keys()])
    this.#wake()
  }

  /** Until the next search, a change of arguments or of ownership. */
  async #pause(): Promise<void> {
    const { signal, release } = this.#linkedSignal()
    this.#wakePause = release
    if (this.#woken) release()
    this.#woken = false
    const { env } = this.#context
    const { file_match: match } = this.#args
    // Without a search there is nothing to wait for but being woken.
    await env.clock.sleep(match.enabled ? match.sync_period : 3_600_000, { signal }).catch(() => undefined)
    release()
    this.#woken = false
  }

  /** A signal that fires with the component's, or when it is released. */
  #linkedSignal(): { readonly signal: AbortSignal; release(): void } {
    const { signal: parent } = this.#context
    const controller = new AbortController()
    const abort = () => controller.abort()
    parent.addEventListener('abort', abort)
    if (parent.aborted) abort()
    const release = () => {
      parent.removeEventListener('abort', abort)
      abort()
    }
    return { signal: controller.signal, release }
  }

  async #sync(): Promise<void> {
    const { env } = this.#context
    const { targets, file_match: match } = this.#args
    const writtenSinceMs = match.ignore_older_than > 0 ? env.clock.now() - match.ignore_older_than : 0
    const files: readonly Target[] = match.enabled
      ? await expandPathTargets(env.fs, targets, { writtenSinceMs })
      : targets
    const wanted = new Map<string, () => Running>()
    for (const target of files) {
      const path = target['__path__']
      if (path === undefined || path === '' || !env.peers.owns(path)) continue
      const labels = Labels.from([
        ...Object.entries(target).filter(([name]) => !name.startsWith('__')),
        ['filename', path],
      ])
      wanted.set(positionKey(path, labels.key), () => this.#start(path, labels))
    }
    await this.#stopTailers([...this.#tailers.keys()].filter((key) => !wanted.has(key)))
    for (const [key, start] of wanted) if (!this.#tailers.has(key)) this.#tailers.set(key, start())
    env.metrics.gauge('loki_source_file_files_active_total', 'Number of active files.').set(this.#tailers.size)
  }

  #wake(): void {
    this.#woken = true
    this.#wakePause()
  }

  #start(path: string, labels: Labels): Running {
    const { signal, release } = this.#linkedSignal()
    const { env } = this.#context
    const args = this.#args
    const context = this.#tailContext(path, labels, signal)
    const key = positionKey(path, labels.key)
    const tailer = args.decompression?.enabled
      ? new CompressedFile(
          { path, key, delayMs: args.decompression.initial_delay, codec: env.codec },
          this.#world,
          context,
        )
      : new PathTailer(
          {
            path,
            key,
            fromEnd: args.tail_from_end,
            onPositionError: args.on_positions_file_error,
            legacyOffset: this.#legacy.get(path),
            pollMinMs: args.file_watch.min_poll_frequency,
            pollMaxMs: args.file_watch.max_poll_frequency,
          },
          this.#world,
          context,
        )
    return { stop: release, done: tailer.run(signal) }
  }

  #tailContext(path: string, labels: Labels, signal: AbortSignal): Omit<TailContext, 'committed'> {
    const { env, ledger } = this.#context
    const lines = env.metrics.counter('loki_source_file_read_lines_total', 'Number of lines read.', { path })
    const bytes = env.metrics.gauge('loki_source_file_read_bytes_total', 'Number of bytes read.', { path })
    return {
      labels,
      signal,
      encoding: this.#args.encoding,
      buffers: this.#buffers,
      stamp: (count) => this.#stamp(count),
      deliver: (batch) => this.#deliver(batch, signal),
      counted: (count, length) => {
        ledger.created(count)
        ledger.queued((this.#unsettled += count))
        lines.add(count)
        bytes.add(length)
      },
    }
  }

  /** Each line gets a nanosecond of its own, from now on. */
  #stamp(lines: number): { seconds: number; nanos: number } {
    const now = this.#context.env.clock.now()
    let seconds = Math.floor(now / 1000)
    let nanos = Math.floor((now - seconds * 1000) * 1e6)
    const last = this.#last
    if (seconds < last.seconds || (seconds === last.seconds && nanos < last.nanos)) ({ seconds, nanos } = last)
    const end = nanos + lines
    this.#last = { seconds: seconds + Math.floor(end / 1e9), nanos: end % 1e9 }
    return { seconds, nanos }
  }

  /** Emits until the batch is delivered or dropped. */
  async #deliver(batch: LogsBatch, signal: AbortSignal): Promise<boolean> {
    const { env, ledger } = this.#context
    let waitMs = retryMsMin
    for (;;) {
      const outcome: Outcome = await this.#args.forward_to.emit(batch)
      if (outcome.status !== 'refused') break
      if (signal.aborted) return false
      await env.clock.sleep(Math.max(waitMs, outcome.retryAfterMs ?? 0), { signal }).catch(() => undefined)
      if (signal.aborted) return false
      waitMs = Math.min(waitMs * 2, retryMsMax)
    }
    ledger.queued((this.#unsettled -= batch.count))
    return true
  }

  async #stopTailers(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#tailers.get(key)?.stop()
    this.#world.total.changed()
    await Promise.all(keys.map(async (key) => this.#tailers.get(key)?.done))
    for (const key of keys) this.#tailers.delete(key)
  }

  /** What is on its way may still be delivered: its positions are then kept, and it is not sent again. */
  async #stop(): Promise<void> {
    const { clock, total, positions } = this.#world
    const over = new AbortController()
    over.signal.addEventListener('abort', () => total.changed())
    const early = new AbortController()
    void clock.sleep(drainMsMax, { signal: early.signal }).then(
      () => over.abort(),
      () => undefined,
    )
    while (total.lines > 0 && !over.signal.aborted) await total.wait()
    early.abort()
    await this.#stopTailers([...this.#tailers.keys()])
    await positions.flush()
  }
}

/** Arguments that say how a file is read: a change of them starts every file anew. */
function readingOf(args: SourceFileArguments): unknown {
  return [args.encoding, args.decompression, args.file_watch, args.tail_from_end, args.on_positions_file_error]
}
