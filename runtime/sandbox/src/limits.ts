import { limitTable, type LimitName, type LimitRow } from './limit-table.ts'

/**
 * The bounds of one module instance. Every number has a default, an operator may override it per import, and no
 * override goes beyond what {@link limitTable} allows.
 */
export type Limits = { readonly [Name in Exclude<LimitName, 'residentMiB'>]: number } & {
  /** `undefined` derives it from `memoryMiB`. */
  readonly residentMiB: number | undefined
}

const MiB = 1024 * 1024
const rows = Object.entries(limitTable) as [LimitName, LimitRow][]

export const limitDefaults = Object.freeze(
  Object.fromEntries(rows.map(([name, row]) => [name, row.default])),
) as unknown as Limits

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

/** The limits of an instance: defaults overlaid by what was asked for. @throws when a value is not within its bounds. */
export function resolveLimits(overrides: Partial<Limits> = {}): Limits {
  const resolved: Record<string, number | undefined> = { ...limitDefaults }
  for (const [name, value] of Object.entries(overrides)) {
    const row: LimitRow | undefined = limitTable[name as LimitName]
    if (!row) throw new Error(`Cannot set the limit "${name}": no such limit`)
    if (value === undefined) continue
    const { min = 0, max } = row
    if (!(value > 0 && value >= min && value <= max)) {
      const wanted = min === 0 ? 'above 0' : `of at least ${min}`
      throw new Error(`Cannot set the limit "${name}" to ${value}: want a number ${wanted}, at most ${max}`)
    }
    resolved[name] = value
  }
  return resolved as unknown as Limits
}

/** What a runner may use beside its isolates. */
export const bareRunnerBytes = 128 * MiB

/** Resident bytes at which a runner with one isolate is killed. */
export function residentBytesMax(limits: Limits): number {
  if (limits.residentMiB !== undefined) return limits.residentMiB * MiB
  return bareRunnerBytes + 2 * limits.memoryMiB * MiB
}
