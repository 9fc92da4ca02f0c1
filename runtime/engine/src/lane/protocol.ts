/** Messages between control and a lane. Telemetry never travels here: lanes have ports of their own to each other. */
import type { Denial, Grant } from '@ingot/capabilities'
import type { ComponentManifest } from '@ingot/manifest'
import type {
  AssignRequest,
  Degraded,
  ExitReason,
  JoinRequest,
  Limits,
  OnQuarantine,
  RunnerEvent,
} from '@ingot/sandbox'
import type { HealthState, Outcome } from '@ingot/sdk'
import type { ArgumentsFrame, FunctionAnswer, OutputBinding } from '@ingot/sdk/host'
import type { MessagePort } from 'node:worker_threads'
import type { EdgePolicy } from '../link/edge-policy.ts'
import type { OrphanedQueue } from './orphaned-queues.ts'

/** A component's code, and whose it is. */
export interface ComponentCode {
  /** `prometheus.scrape.api`. */
  readonly id: string
  /** File of the bundled ES module. */
  readonly bundlePath: string
  readonly sha256: string
}

/** Everything that a lane needs to run one instance of a component. */
export interface InstanceSpec extends ComponentCode {
  /** `prometheus.scrape`, or `redact.pii` for an imported one. */
  readonly component: string
  readonly manifest: ComponentManifest
  /** Where the code runs: in the lane itself, or in a runner that the lane feeds. */
  readonly room: 'lane' | 'runner'
  /** The runtime vouches for the module: its room changes nothing of what it may do. */
  readonly trusted: boolean
  readonly grant: Grant
  /** What differs from the defaults, for a runner. */
  readonly limits: Partial<Limits>
  /** What happens to batches while the module is quarantined. */
  readonly onQuarantine: OnQuarantine
  readonly frame: ArgumentsFrame
  /** Policy of the edge to a receiver, by `component.port`. */
  readonly policies: Readonly<Record<string, EdgePolicy>>
  readonly dataDir: string
  readonly ledger: SharedArrayBuffer
  /** Instances with the same one share runners. */
  readonly group: string | undefined
  /** The channel that takes what the runner is told and says. */
  readonly recording?: string
}

/** A module's functions, and where they run. */
export interface FunctionsCode extends ComponentCode {
  readonly room: 'lane' | 'runner'
  /** Of the runner. */
  readonly limits: Limits
}
export interface FunctionCall {
  readonly code: FunctionsCode
  readonly name: string
  readonly args: readonly unknown[]
}
/** `lost`: it has no answer, and may have one when it is called again. */
export type FunctionReply =
  | FunctionAnswer
  | { readonly error: string; readonly lost: true; readonly argument?: undefined }

export interface LaneStart {
  readonly index: number
  readonly count: number
  readonly storageDir: string
  readonly internalAddress: string
  /** A counter that the lane advances while its event loop turns. */
  readonly heartbeat: SharedArrayBuffer
}

/** Component id → the lanes that run it. */
export type Locations = Readonly<Record<string, readonly number[]>>

export type ToLane =
  | { readonly kind: 'check'; readonly call: number; readonly code: ComponentCode; readonly frame: ArgumentsFrame }
  | { readonly kind: 'start'; readonly call: number; readonly spec: InstanceSpec }
  | {
      readonly kind: 'update'
      readonly call: number
      readonly id: string
      readonly frame: ArgumentsFrame
      readonly policies: InstanceSpec['policies']
    }
  | { readonly kind: 'stop'; readonly call: number; readonly id: string; readonly withinMs: number }
  | { readonly kind: 'call-function'; readonly call: number; readonly function: FunctionCall }
  /** The modules whose functions are still called, by instance. */
  | { readonly kind: 'keep-functions'; readonly instances: readonly string[] }
  | { readonly kind: 'adopt-queue'; readonly call: number; readonly queue: OrphanedQueue }
  | { readonly kind: 'release-queues'; readonly call: number }
  | { readonly kind: 'edges-closed'; readonly call: number }
  | { readonly kind: 'locations'; readonly locations: Locations }
  /** A change of what the last `locations` said. Without lanes: the component runs nowhere. */
  | { readonly kind: 'location'; readonly component: string; readonly lanes: readonly number[] }
  | { readonly kind: 'peer'; readonly lane: number; readonly port: MessagePort }
  | { readonly kind: 'metrics'; readonly call: number }
  | { readonly kind: 'debug'; readonly call: number; readonly id: string }
  | { readonly kind: 'access'; readonly call: number; readonly id: string }
  | { readonly kind: 'serve'; readonly call: number; readonly id: string; readonly request: WireRequest }
  | { readonly kind: 'runner'; readonly channel: number; readonly event: RunnerEvent }
  | {
      readonly kind: 'own-logs'
      readonly id: number
      readonly output: OutputBinding
      readonly lines: readonly OwnLogLine[]
    }
  | {
      readonly kind: 'reply'
      readonly call: number
      readonly value?: unknown
      readonly error?: string
      readonly errorName?: string
    }

export type FromLane =
  | {
      readonly kind: 'reply'
      readonly call: number
      readonly value?: unknown
      readonly error?: string
      readonly errorName?: string
    }
  | { readonly kind: 'exports'; readonly id: string; readonly exports: PlainExports }
  | { readonly kind: 'health'; readonly id: string; readonly state: HealthState; readonly message: string }
  /** A component in a runner fails with more of its batches than it should, or no longer. */
  | { readonly kind: 'degraded'; readonly id: string; readonly degraded: Degraded | undefined }
  | { readonly kind: 'exited'; readonly id: string; readonly error?: string }
  /** All that a former sender had left in the queue is settled, and the queue is removed. */
  | { readonly kind: 'queue-sent'; readonly directory: string }
  /** The instance listens where it is to, or will not. */
  | { readonly kind: 'settled'; readonly id: string }
  | {
      readonly kind: 'edge'
      readonly from: string
      readonly output: string
      readonly to: string
      readonly port: string
      readonly memory: SharedArrayBuffer
    }
  | {
      readonly kind: 'log'
      readonly level: LogLevel
      readonly component: string
      readonly message: string
      readonly fields: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'runner'; readonly call: number; readonly request: RunnerRequest }
  | { readonly kind: 'self-metrics'; readonly call: number }
  | { readonly kind: 'own-logs-settled'; readonly id: number; readonly outcome: Outcome }
  | { readonly kind: 'ready' }

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** A line of the collector's own log, on its way to `logging.write_to`. */
export interface OwnLogLine {
  readonly line: string
  /** Since the epoch. */
  readonly timeMs: number
}

/** Exports as plain data, with the paths of values that are secrets. */
export interface PlainExports {
  readonly value: Readonly<Record<string, unknown>>
  readonly secrets: readonly (readonly (string | number)[])[]
}

/** By capability: what an instance was granted, used and was denied. */
/** What an instance was denied last, by capability. */
export type AccessDenials = Readonly<Record<string, readonly Denial[]>>

export interface InstanceAccess {
  readonly counts: AccessCounts
  readonly denials: AccessDenials
}

export type AccessCounts = Readonly<
  Record<string, { readonly granted: number; readonly used: number; readonly denied: number }>
>

export interface WireRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly remoteAddress: string
}
export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** What a lane asks of control for the runners that it feeds: control alone spawns and kills. */
export type RunnerRequest =
  | { readonly ask: 'assign'; readonly channel: number; readonly request: AssignRequest }
  | {
      readonly ask: 'overdue'
      readonly runner: number
      readonly turnMs: number
      readonly extensions: number
      readonly batch: number | undefined
      readonly instance: string
    }
  | {
      readonly ask: 'kill'
      readonly runner: number
      readonly reason: ExitReason
      readonly detail: string
      readonly batch: number | undefined
    }
  | { readonly ask: 'join'; readonly channel: number; readonly runner: number; readonly request: JoinRequest }
  | { readonly ask: 'leave'; readonly runner: number; readonly instance: string }
  | {
      readonly ask: 'blame'
      readonly runner: number
      readonly instance: string | undefined
      readonly lastCall: string | undefined
    }
  | { readonly ask: 'isolate-lost'; readonly runner: number; readonly reason: string; readonly instance: string }
  | { readonly ask: 'release'; readonly runner: number }
