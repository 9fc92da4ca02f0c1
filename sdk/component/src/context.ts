import type { Batch, BatchOf } from '@ingot/telemetry'
import type { Capability, Env } from './env.ts'
import type { ReceiverMark } from './kinds.ts'
import type { Outcome } from './outcome.ts'

/** Where a component sends batches: the receivers that its configuration lists. */
export interface Output<B extends Batch = Batch> {
  /**
   * Sends a batch to every receiver; settles when all have settled its fate, and waits while their queues are full.
   * With no receiver it is delivered at once. After a refusal the batch is still the caller's to retry.
   */
  emit(batch: B): Promise<Outcome>
  /** How many receivers are connected: a component may skip work that nobody takes. */
  readonly receivers: number
}

/**
 * The component's side of exact conservation: `in + created = out + merged + dropped + refused + quarantined + queued`.
 * `in`, `refused` and the `out` of `emit` are counted by the runtime. Count drops after `emit` has settled and was not
 * refused, so that a batch that is emitted again is not counted twice.
 */
export interface Ledger {
  /** Records that came into being here: lines read, samples scraped, records found in a queue at start. */
  created(records: number): void
  /** Records that left Ingot here: acknowledged by the remote. */
  sent(records: number): void
  dropped(records: number, reason: string): void
  /** Records that became part of others. */
  merged(records: number): void
  quarantined(records: number): void
  /** Sets how many records the component holds now, outside of running handlers. */
  queued(records: number): void
}

export type HealthState = 'healthy' | 'unhealthy'

/** What `run` is given. `A` and `E`: arguments and exports after parsing; `C`: declared capabilities. */
export interface ComponentContext<A, E, C extends Capability> {
  /** `prometheus.scrape.api`, with the path of the custom components around it. */
  readonly id: string
  readonly args: A
  readonly env: Env<C>
  /** Fires when the component is to stop. `run` should then return within the shutdown deadline. */
  readonly signal: AbortSignal
  readonly ledger: Ledger
  /** Sets what dependents see. Receivers are exported by themselves. Unchanged values are ignored. */
  setExports(exports: PlainExports<E>): void
  /** Handles the batches that arrive at an exported receiver. Call it before `run` first awaits. */
  receive<P extends ReceiverNames<E>>(port: P, handler: (batch: ReceiverBatch<E[P]>) => Promise<Outcome>): void
  /**
   * Without it the component is stopped and run again when its arguments change; with it, it keeps running and takes
   * the new arguments here. Throwing leaves the old arguments in force and the component unhealthy.
   */
  onUpdate(handler: (args: A) => void | Promise<void>): void
  setHealth(state: HealthState, message: string): void
  /** Fetched on demand for the UI and the API: plain data. */
  debugInfo(provider: () => unknown): void
}

type ReceiverNames<E> = {
  [K in keyof E]-?: E[K] extends ReceiverMark<never> | ReceiverMark<infer _T> ? K : never
}[keyof E] &
  string
type PlainExports<E> = { [K in keyof E as E[K] extends ReceiverMark<infer _T> ? never : K]: E[K] }
type ReceiverBatch<M> = M extends ReceiverMark<infer T> ? BatchOf<T> : never
