/**
 * The bounds of one module instance. Every number has a default, an operator may override it per instance, and no
 * override goes beyond {@link limitsMax}.
 */
export interface Limits {
  /** Heap of the isolate; V8 enforces it softly, so the runner's resident memory is bounded as well. */
  readonly memoryMiB: number
  /** Resident memory of the runner; `undefined` derives it from {@link memoryMiB}. */
  readonly residentMiB: number | undefined
  /** One uninterrupted stretch of module code. */
  readonly turnTimeoutMs: number
  /** Wall time that the runner may owe an answer, waits for granted I/O excluded. */
  readonly batchDeadlineMs: number
  /** How many times a deadline is extended when the runner was starved of CPU rather than stuck. */
  readonly starvedExtensionsMax: number
  /** Loading the bundle and its first turn. */
  readonly initTimeoutMs: number
  /** Share of one core over {@link cpuWindowMs}. */
  readonly cpuShare: number
  readonly cpuWindowMs: number
  readonly batchBytesMax: number
  readonly outputBytesMax: number
  /** Bytes of all output of one batch, as a multiple of its input. */
  readonly outputPerInputMax: number
  /** Host calls, emits included, of one turn. */
  readonly hostCallsMax: number
  /** Host calls without an answer yet, whatever turn they are of. */
  readonly openCallsMax: number
  readonly hostArgumentBytesMax: number
  readonly hostResultBytesMax: number
  readonly errorTextBytesMax: number
  readonly errorStackBytesMax: number
  readonly logLinesPerSecondMax: number
  readonly logLineBytesMax: number
  /** What a component exports is evaluated by control, which everybody shares. */
  readonly exportsBytesMax: number
  /** Texts, numbers and containers in what a component exports or answers. */
  readonly valuesMax: number
  readonly bundleBytesMax: number
  /** Batches, and their bytes, that are inside the runner at once. */
  readonly windowBatchesMax: number
  readonly windowBytesMax: number
  /** Callers that may wait for a place in the window; beyond it batches are refused. */
  readonly waitingMax: number
  /** Output of a component that belongs to no delivery and whose fate is open; beyond it emits are refused. And input that its functions have not taken yet. */
  readonly looseBytesMax: number
  /** Hard kills within {@link killWindowMs} after which the module is quarantined. */
  readonly hardKillsMax: number
  /** Isolates lost to timeouts or memory within {@link killWindowMs} after which the module is quarantined. */
  readonly isolateLossesMax: number
  readonly killWindowMs: number
  /** Disk that quarantined batches of one instance may take; beyond it they are counted and not kept. */
  readonly quarantineBytesMax: number
}

const MiB = 1024 * 1024

export const limitDefaults: Limits = Object.freeze({
  memoryMiB: 64,
  residentMiB: undefined,
  turnTimeoutMs: 250,
  batchDeadlineMs: 1_000,
  starvedExtensionsMax: 5,
  initTimeoutMs: 1_000,
  cpuShare: 0.5,
  cpuWindowMs: 60_000,
  batchBytesMax: 4 * MiB,
  outputBytesMax: 16 * MiB,
  outputPerInputMax: 4,
  hostCallsMax: 64,
  openCallsMax: 256,
  hostArgumentBytesMax: 64 * 1024,
  hostResultBytesMax: MiB,
  errorTextBytesMax: 500,
  errorStackBytesMax: 2048,
  logLinesPerSecondMax: 10,
  logLineBytesMax: 1024,
  exportsBytesMax: MiB,
  valuesMax: 50_000,
  bundleBytesMax: MiB,
  windowBatchesMax: 8,
  windowBytesMax: 8 * MiB,
  waitingMax: 1024,
  looseBytesMax: 32 * MiB,
  hardKillsMax: 5,
  isolateLossesMax: 20,
  killWindowMs: 5 * 60_000,
  quarantineBytesMax: 64 * MiB,
})

/** What no override may fall below: V8 makes no smaller isolate. */
export const limitsMin: Partial<Limits> = Object.freeze({ memoryMiB: 8 })

/** What no override may exceed. */
export const limitsMax: Partial<Limits> = Object.freeze({
  memoryMiB: 512,
  turnTimeoutMs: 5_000,
  batchDeadlineMs: 30_000,
  initTimeoutMs: 10_000,
  cpuShare: 1,
  batchBytesMax: 16 * MiB,
  outputBytesMax: 64 * MiB,
})

/**
 * For components that are vouched for and run in a runner all the same: they get what they would have in a lane, and
 * their limits only end what is stuck. Above what an operator may set for others.
 */
export const trustedLimits: Limits = Object.freeze({
  ...limitDefaults,
  memoryMiB: 256,
  turnTimeoutMs: 5_000,
  batchDeadlineMs: 30_000,
  initTimeoutMs: 10_000,
  cpuShare: Infinity,
  batchBytesMax: 64 * MiB,
  outputBytesMax: 128 * MiB,
  outputPerInputMax: Infinity,
  hostCallsMax: 10_000,
  openCallsMax: 10_000,
  hostArgumentBytesMax: 64 * MiB,
  hostResultBytesMax: 64 * MiB,
  logLinesPerSecondMax: 100,
  logLineBytesMax: 16 * 1024,
  exportsBytesMax: 64 * MiB,
  // A number: the isolate gets it as JSON.
  valuesMax: Number.MAX_SAFE_INTEGER,
  windowBatchesMax: 1_024,
  windowBytesMax: 64 * MiB,
  waitingMax: 10_000,
  looseBytesMax: 256 * MiB,
})

/** The limits of an instance: defaults overlaid by what was asked for. @throws when a value is not a positive number within its maximum. */
export function resolveLimits(overrides: Partial<Limits> = {}): Limits {
  const resolved: Record<string, number | undefined> = { ...limitDefaults }
  for (const [name, value] of Object.entries(overrides)) {
    if (!(name in limitDefaults)) throw new Error(`Cannot set the limit "${name}": no such limit`)
    if (value === undefined) continue
    const max = limitsMax[name as keyof Limits] ?? Number.MAX_SAFE_INTEGER
    const min = limitsMin[name as keyof Limits]
    if (!(value > 0 && value >= (min ?? 0) && value <= max)) {
      const wanted = min === undefined ? 'above 0' : `of at least ${min}`
      throw new Error(`Cannot set the limit "${name}" to ${value}: want a number ${wanted}, at most ${max}`)
    }
    resolved[name] = value
  }
  return resolved as unknown as Limits
}

/** Resident bytes at which a runner is killed. */
export function residentBytesMax(limits: Limits): number {
  return (limits.residentMiB ?? 128 + 2 * limits.memoryMiB) * MiB
}
