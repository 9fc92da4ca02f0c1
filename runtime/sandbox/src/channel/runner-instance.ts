import { dropped, refused, type Env, type HealthState, type Outcome, type Output } from '@ingot/sdk'
import type { ArgumentPath, ArgumentsFrame, InstanceHost } from '@ingot/sdk/host'
import { encodeFrameParts, type Batch } from '@ingot/telemetry'
import type { RunnerControl } from '../control.ts'
import type { Limits } from '../limits.ts'
import { sumOfLengths } from '../protocol/frame.ts'
import { envSurface } from '../protocol/capability-table.ts'
import type { LedgerMessage, LogMessage } from '../protocol/messages.ts'
import type { Tape } from '../recording/tape.ts'
import type { KeptRecords, OnQuarantine } from './channel-options.ts'
import { BatchSplitter } from './batch-splitter.ts'
import { DeadLetters } from './dead-letters.ts'
import type { Settlement } from './delivery.ts'
import { ErrorRate, type Degraded } from './error-rate.ts'
import { frameMemory } from './frame-memory.ts'
import { LatestClaim } from './latest-claim.ts'
import { ModuleMetrics } from './module-metrics.ts'
import { RunnerChannel } from './runner-channel.ts'
import type { RunnerGroup } from './runner-group.ts'
import type { Loss } from './runner-session.ts'

/** Exports and health go to control, which evaluates and shows them: so often, whatever a component sets. */
const claimIntervalMs = 100

export interface RunnerInstanceOptions {
  readonly code: Uint8Array
  /** Of {@link code}, as the manifest states it. */
  readonly sha256: string
  /** Declared by the component and granted. */
  readonly capabilities: readonly string[]
  /** Vouched for, and in a runner all the same: it may know its secrets and why a call failed. */
  readonly trusted?: boolean
  readonly limits: Limits
  readonly control: RunnerControl
  /** The instances that it shares runners with; none where it is absent. */
  readonly group?: RunnerGroup
  readonly quarantineDir: string
  /** Where samples of batches go that the component failed with. */
  readonly deadLetterDir: string
  readonly onQuarantine?: OnQuarantine
  readonly onLost?: (loss: Loss) => void
  /** The component fails with more of its batches than it should, or no longer. */
  readonly onDegraded?: (degraded: Degraded | undefined) => void
  /** A batch was set aside. */
  readonly onQuarantinedBatch?: () => void
  readonly tape?: Tape
}

/**
 * A component in a runner, with the methods of `Instance` in @ingot/sdk/host: its room gives both the same host and need
 * not care which of them it holds. The host's `env`, which is granted already, performs what the module asks for.
 */
export class RunnerInstance {
  readonly #host: InstanceHost
  readonly #channel: RunnerChannel
  readonly #metrics: ModuleMetrics
  readonly #outputs = new Map<string, { readonly output: Output; types: ReadonlySet<string> }>()
  readonly #splitter: BatchSplitter
  #onExit: (error: Error | undefined) => void = () => {}
  /** What the component said it holds: gone with its isolate. */
  #queued = 0
  readonly #exports: LatestClaim<Record<string, unknown>>
  readonly #health: LatestClaim<readonly [HealthState, string]>
  readonly #logLinesMax: number
  readonly #errors: ErrorRate
  readonly #deadLetters: DeadLetters
  readonly #onQuarantinedBatch: () => void
  #logSecond = 0
  #logLines = 0

  /** @throws when the code is not what the manifest says. */
  constructor(host: InstanceHost, options: RunnerInstanceOptions) {
    this.#host = host
    const intervalMs = options.trusted ? 0 : claimIntervalMs
    this.#exports = new LatestClaim(intervalMs, (exports) => host.exportsChanged(exports))
    this.#health = new LatestClaim(intervalMs, ([state, message]) => host.healthChanged(state, message))
    this.#logLinesMax = options.limits.logLinesPerSecondMax
    this.#onQuarantinedBatch = options.onQuarantinedBatch ?? (() => {})
    this.#errors = new ErrorRate((degraded) => options.onDegraded?.(degraded))
    this.#deadLetters = new DeadLetters(options.deadLetterDir, options.limits.deadLetterBytesMax)
    this.#metrics = new ModuleMetrics(host.env.metrics)
    this.#splitter = new BatchSplitter(options.limits.batchBytesMax)
    this.#channel = new RunnerChannel({
      component: host.id,
      code: options.code,
      sha256: options.sha256,
      capabilities: options.capabilities,
      values: valuesOf(host.env, options.capabilities),
      trusted: options.trusted ?? false,
      limits: options.limits,
      control: options.control,
      ...(options.group && { group: options.group }),
      broker: (property, method, args) => callEnv(host.env, property, method, args),
      quarantineDir: options.quarantineDir,
      onQuarantine: options.onQuarantine ?? 'block',
      ...(options.tape && { tape: options.tape }),
      events: {
        emit: (path, batch) => this.#emit(path, batch),
        exports: (exports) => this.#exports.tell(exports),
        health: (state: HealthState, message) => this.#health.tell([state, message]),
        exited: (error) => this.#onExit(error),
        ledger: (counts) => this.#count(counts),
        log: (entry) => this.#log(entry),
        metric: (metric) => this.#metrics.record(metric),
        lost: (loss, kept) => this.#lost(loss, kept, options.onLost),
      },
    })
  }

  /** Resolves when the component has had its first turn. @throws when it cannot be loaded or refuses its arguments. */
  async start(frame: ArgumentsFrame, onExit: (error: Error | undefined) => void): Promise<void> {
    this.#onExit = onExit
    this.#bindOutputs(frame)
    await this.#channel.start(frame)
  }

  async update(frame: ArgumentsFrame, onExit: (error: Error | undefined) => void): Promise<void> {
    this.#onExit = onExit
    this.#bindOutputs(frame)
    await this.#channel.update(frame)
  }

  /** Never throws. A batch that is larger than a runner takes at once goes in pieces. */
  async receive(port: string, batch: Batch): Promise<Outcome> {
    this.#host.ledger.received(batch.count)
    const pieces = this.#splitter.split(batch)
    if (pieces) {
      const outcomes = await Promise.all(pieces.map((piece) => this.#deliver(port, piece)))
      return (
        outcomes.find(({ status }) => status === 'refused') ??
        outcomes.find(({ status }) => status === 'dropped') ??
        outcomes[0]!
      )
    }
    return this.#deliver(port, batch)
  }

  async stop(withinMs: number): Promise<boolean> {
    const stopped = await this.#channel.stop(withinMs)
    this.#exports.stop()
    this.#health.stop()
    this.#errors.stop()
    return stopped
  }

  debugInfo(): Promise<unknown> {
    return this.#channel.debugInfo()
  }

  async #deliver(port: string, batch: Batch): Promise<Outcome> {
    const { count } = batch
    const frame = frameOf(batch)
    const { outcome, by, ledger: counts, frameDone } = await this.#channel.deliver(port, frame, count)
    if (by === 'component' || by === 'error') this.#errors.record(by === 'error')
    if (by === 'error' && outcome.status === 'dropped')
      this.#deadLetters.sample({ component: this.#host.id, port, count, reason: outcome.reason, frame })
    if (frameDone) frameMemory.give(frame)
    for (const part of counts) this.#count(part)
    return by === 'bypass' ? this.#passOn(batch) : this.#account(outcome, by, count)
  }

  /** What the runtime itself did with the batch, counted on behalf of the component. */
  #account(outcome: Outcome, by: Settlement['by'], count: number): Outcome {
    const { ledger } = this.#host
    if (outcome.status === 'refused') ledger.refused(count)
    if (by === 'quarantine') {
      ledger.quarantined(count)
      this.#onQuarantinedBatch()
    }
    if (by !== 'error' || outcome.status !== 'dropped') return outcome
    // The component's own words may be anything: they go to the log and to its health, not into a counter's label.
    const reason = knownReasons.has(outcome.reason) ? outcome.reason : 'module_error'
    ledger.dropped(count, reason)
    return reason === 'module_error' ? dropped(reason) : outcome
  }

  /** Sends a batch on as it came. The configuration is checked to leave no choice of where to. */
  async #passOn(batch: Batch): Promise<Outcome> {
    const bound = [...this.#outputs.values()].find(({ types }) => types.has(batch.type))
    const outcome = bound ? await bound.output.emit(batch) : refused('no output takes the batch as it is')
    if (outcome.status === 'refused') this.#host.ledger.refused(batch.count)
    return outcome
  }

  async #emit(path: ArgumentPath, batch: Batch): Promise<Outcome> {
    const bound = this.#outputs.get(JSON.stringify(path))
    if (!bound) return refused('no such output')
    if (bound.types.size > 0 && !bound.types.has(batch.type)) {
      this.#host.ledger.dropped(batch.count, 'wrong_type')
      const types = [...bound.types].join(', ')
      this.#health.tell(['unhealthy', `emitted ${batch.type} to ${path.join('.')}, which takes ${types}`])
      return dropped('wrong_type')
    }
    return bound.output.emit(batch)
  }

  #bindOutputs(frame: ArgumentsFrame): void {
    for (const binding of frame.outputs) {
      const types = new Set<string>(binding.receivers.flatMap((receiver) => receiver.types))
      this.#outputs.set(JSON.stringify(binding.path), { output: this.#host.output(binding), types })
    }
  }

  #count(counts: LedgerMessage): void {
    const { ledger } = this.#host
    if (counts.created) ledger.created(counts.created)
    if (counts.sent) ledger.sent(counts.sent)
    if (counts.merged) ledger.merged(counts.merged)
    if (counts.quarantined) ledger.quarantined(counts.quarantined)
    for (const [reason, records] of Object.entries(counts.dropped ?? {})) ledger.dropped(records, reason)
    if (counts.queued !== undefined) {
      this.#queued = counts.queued
      ledger.queued(counts.queued)
    }
  }

  #lost(loss: Loss, kept: KeptRecords, onLost: ((loss: Loss) => void) | undefined): void {
    const { ledger, env } = this.#host
    if (this.#queued > 0) {
      const durable = Math.min(this.#queued, kept.durable)
      // Its successor counts them as its own when it finds them.
      if (durable > 0) ledger.refused(durable)
      const gone = this.#queued - durable - kept.unsettled
      if (gone > 0) ledger.dropped(gone, 'isolate_lost')
      ledger.queued(0)
      this.#queued = 0
    }
    env.log.error(`isolate lost and replaced: ${loss.reason}`, {
      detail: loss.detail,
      runner: loss.hard ? 'killed' : 'kept',
      ...(loss.lastCall !== undefined && { last_call: loss.lastCall }),
    })
    onLost?.(loss)
  }

  /** The isolate bounds its own lines; here stands the bound for one that does not keep to it. */
  #log({ level, message, fields, suppressed }: LogMessage): void {
    const now = performance.now()
    if (now - this.#logSecond >= 1_000) {
      this.#logSecond = now
      this.#logLines = 0
    }
    if (++this.#logLines > 2 * this.#logLinesMax) return
    this.#host.env.log[level](message, { ...fields, ...(suppressed && { suppressed }) })
  }
}

/** A copy: what a runner has not read yet must not change, whatever becomes of the batch. */
function frameOf(batch: Batch): Uint8Array<ArrayBuffer> {
  const parts = encodeFrameParts(batch)
  const frame = frameMemory.take(sumOfLengths(parts))
  let at = 0
  for (const part of parts) {
    frame.set(part, at)
    at += part.length
  }
  return frame
}

/** Reasons that this package gives; any other is the component's own text. */
const knownReasons = new Set(['batch_too_large', 'module_quarantined', 'quarantine_full', 'stalled', 'no_outcome'])

type Surface = Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>

function callEnv(env: Env, property: string, method: string, args: readonly unknown[]): unknown {
  const target = (env as unknown as Surface)[property]
  const found = target?.[method]
  if (typeof found !== 'function') {
    throw Object.assign(new Error(`The capability for "${property}" is not granted`), {
      name: 'CapabilityError',
      code: 'denied',
    })
  }
  return (found as (...args: readonly unknown[]) => unknown).apply(target, [...args])
}

/** What `env` shows without a call. */
function valuesOf(env: Env, capabilities: readonly string[]): Record<string, Record<string, unknown>> {
  const values: Record<string, Record<string, unknown>> = {}
  for (const [property, entry] of Object.entries(envSurface)) {
    const granted = (env as unknown as Surface)[property]
    if (!granted || !capabilities.includes(entry.capability)) continue
    values[property] = Object.fromEntries(entry.values.map((name) => [name, granted[name]]))
  }
  return values
}
