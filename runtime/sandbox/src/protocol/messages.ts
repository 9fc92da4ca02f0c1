/** What control writes to a blank runner's standard input, as one line of JSON. */
export interface Assignment {
  /** The lane's Unix socket. */
  readonly socketPath: string
  /** Proves to the lane that the connection comes from the runner that control assigned. */
  readonly token: string
  /** For a debugger: leads from the bundle to its sources. */
  readonly sourceMapUrl?: string
}

/** What the runner enforces itself. */
export interface RoomLimits {
  readonly memoryMiB: number
  readonly turnTimeoutMs: number
  readonly initTimeoutMs: number
  readonly hostCallsMax: number
  readonly hostArgumentBytesMax: number
  readonly outputBytesMax: number
  readonly exportsBytesMax: number
  readonly valuesMax: number
  readonly errorTextBytesMax: number
  readonly errorStackBytesMax: number
  readonly logLinesPerSecondMax: number
  readonly logLineBytesMax: number
}

/** `load`: the payload is this as JSON, then the bundle; the frame's `id` is the length of the JSON. */
export interface LoadMessage {
  /** Id of the component instance. */
  readonly component: string
  readonly sha256: string
  /** Declared and granted capabilities. */
  readonly capabilities: readonly string[]
  /** What `env` shows without a call: `env.peers.lane`, `env.host.hostname`. By property, then by name. */
  readonly values: Readonly<Record<string, unknown>>
  readonly limits: RoomLimits
  /** The bundle is a module's functions, and none of a component. */
  readonly functions?: boolean
  /** Whether what the module reads of clock and chance during a turn is told at its end, or was told before it. */
  readonly readings?: 'told' | 'given'
}

/** Records by count; `queued` is an absolute number. */
export interface LedgerMessage {
  readonly created?: number
  readonly sent?: number
  readonly merged?: number
  readonly quarantined?: number
  readonly queued?: number
  readonly dropped?: Readonly<Record<string, number>>
}

export interface LogMessage {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields?: Readonly<Record<string, unknown>>
  /** Lines left out before this one because the module logs more than it may. */
  readonly suppressed?: number
}

export const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]{0,199}$/
export const labelName = /^[a-zA-Z_][a-zA-Z0-9_]{0,199}$/

export interface MetricMessage {
  readonly kind: 'counter' | 'gauge' | 'gaugeAdd' | 'histogram'
  readonly name: string
  readonly help: string
  readonly labels?: Readonly<Record<string, string>>
  readonly buckets?: readonly number[]
  readonly value: number
}

/** `call` and `syncCall`: a method of an `env` property, or of an object that an earlier call returned. */
export interface CallMessage {
  readonly target: string | number
  readonly method: string
  readonly args: readonly unknown[]
}

/** Why an isolate was lost while its runner goes on. */
export interface LostMessage {
  readonly reason: 'timeout' | 'memory' | 'disposed' | 'load'
  readonly error?: string
  readonly wallMs: number
  readonly cpuMs: number
}

export interface ReplyMessage {
  readonly ok: boolean
  readonly error?: string
  readonly value?: unknown
}

export interface ErrorValue {
  readonly name: string
  readonly code?: string
  readonly message: string
}
