import type { Outcome } from '@ingot/sdk'
import type { ArgumentPath } from '@ingot/sdk/host'
import type { Batch } from '@ingot/telemetry'
import type { RunnerControl } from '../control.ts'
import type { Limits } from '../limits.ts'
import type { LedgerMessage, LogMessage, MetricMessage } from '../protocol/messages.ts'
import type { Broker } from './broker-calls.ts'
import type { Tape } from '../recording/tape.ts'
import type { RunnerGroup } from './runner-group.ts'
import type { Loss } from './runner-session.ts'

/** What happens to batches while a module is quarantined: they wait, are dropped, or go on as if it were not there. */
export type OnQuarantine = 'block' | 'drop' | 'bypass'

/** Records that a lost isolate held and that are not lost with it. */
export interface KeptRecords {
  /** In queues on disk: its successor finds them there. */
  readonly durable: number
  /** Of batches that are not settled: its successor gets them again. */
  readonly unsettled: number
}

/** What a channel tells the room that it belongs to. */
export interface ChannelEvents {
  /** The module emits a batch: checked, and to be sent on by the output at that argument's path. */
  emit(path: ArgumentPath, batch: Batch): Promise<Outcome>
  exports(exports: Record<string, unknown>): void
  health(state: 'healthy' | 'unhealthy', message: string): void
  /** `run` ended, or the component cannot be started again. */
  exited(error: Error | undefined): void
  /** Counts that belong to no delivery. */
  ledger(counts: LedgerMessage): void
  log(entry: LogMessage): void
  metric(metric: MetricMessage): void
  /** An isolate or a runner was lost, and is being replaced. */
  lost(loss: Loss, kept: KeptRecords): void
}

export interface ChannelOptions {
  /** Id of the component instance. */
  readonly component: string
  readonly code: Uint8Array
  /** Of {@link code}, as the manifest states it. */
  readonly sha256: string
  readonly capabilities: readonly string[]
  /** What `env` shows without a call, by property. */
  readonly values: Readonly<Record<string, unknown>>
  /** Vouched for: it may know its secrets and why a call failed. */
  readonly trusted: boolean
  readonly limits: Limits
  readonly control: RunnerControl
  /** The instances that it shares runners with; none where it is absent. */
  readonly group?: RunnerGroup
  readonly broker: Broker
  readonly quarantineDir: string
  /** What happens to batches while the module is quarantined. */
  readonly onQuarantine: OnQuarantine
  readonly events: ChannelEvents
  /** Keeps what goes to the runner and what comes from it. */
  readonly tape?: Tape
}
