/** In what a limit is counted; configurations write sizes and durations with their units. */
export type LimitUnit = 'MiB' | 'bytes' | 'ms' | 'count' | 'share'

export interface LimitRow {
  /** Its name in the `limits` block. */
  readonly argument: string
  readonly unit: LimitUnit
  /** `undefined`: it follows from others, as its description says. */
  readonly default: number | undefined
  /** What no override may fall below; above 0 where there is none. */
  readonly min?: number
  readonly max: number
  readonly describe: string
}

const KiB = 1024
const MiB = 1024 * KiB
const minute = 60_000

/** Every bound of a module instance: the one place that defaults, maxima, configuration and documentation follow from. */
export const limitTable = {
  memoryMiB: {
    argument: 'memory',
    unit: 'MiB',
    default: 64,
    // V8 makes no smaller isolate.
    min: 8,
    max: 512,
    describe: 'Heap of the isolate. V8 enforces it softly, so the memory of the process is bounded as well.',
  },
  residentMiB: {
    argument: 'resident_memory',
    unit: 'MiB',
    default: undefined,
    // A runner without any module has about half of this.
    min: 96,
    max: 2048,
    describe: 'Resident memory at which the runner is killed. 128MiB and twice `memory` where it is not set.',
  },
  turnTimeoutMs: {
    argument: 'turn_timeout',
    unit: 'ms',
    default: 250,
    max: 5_000,
    describe: 'One uninterrupted stretch of module code.',
  },
  batchDeadlineMs: {
    argument: 'batch_deadline',
    unit: 'ms',
    default: 1_000,
    max: 30_000,
    describe: 'Wall time for one batch, waits for granted I/O excluded.',
  },
  starvedExtensionsMax: {
    argument: 'starved_extensions',
    unit: 'count',
    default: 5,
    max: 20,
    describe: 'How many times a deadline is extended when the runner was starved of CPU rather than stuck.',
  },
  initTimeoutMs: {
    argument: 'init_timeout',
    unit: 'ms',
    default: 1_000,
    max: 10_000,
    describe: 'Loading the module and its first turn.',
  },
  cpuShare: {
    argument: 'cpu_share',
    unit: 'share',
    default: 0.5,
    max: 1,
    describe: 'Share of one core over `cpu_window`. A runner above it waits.',
  },
  cpuWindowMs: {
    argument: 'cpu_window',
    unit: 'ms',
    default: minute,
    max: 10 * minute,
    describe: 'Time over which the share of a core is taken.',
  },
  batchBytesMax: {
    argument: 'batch_size',
    unit: 'bytes',
    default: 4 * MiB,
    max: 16 * MiB,
    describe: 'Size of a batch that goes to the module. A larger one goes in pieces.',
  },
  outputBytesMax: {
    argument: 'output_size',
    unit: 'bytes',
    default: 16 * MiB,
    max: 64 * MiB,
    describe: 'Size of all that the module makes of one batch.',
  },
  outputPerInputMax: {
    argument: 'output_ratio',
    unit: 'count',
    default: 4,
    max: 64,
    describe: 'Size of all that the module makes of one batch, as a multiple of the batch.',
  },
  hostCallsMax: {
    argument: 'host_calls',
    unit: 'count',
    default: 64,
    max: 10_000,
    describe: 'Calls of capabilities, emits included, in one turn.',
  },
  openCallsMax: {
    argument: 'open_calls',
    unit: 'count',
    default: 256,
    max: 10_000,
    describe: 'Calls of capabilities that have no answer yet.',
  },
  hostArgumentBytesMax: {
    argument: 'call_argument_size',
    unit: 'bytes',
    default: 64 * KiB,
    max: 16 * MiB,
    describe: 'Arguments of one call.',
  },
  hostResultBytesMax: {
    argument: 'call_result_size',
    unit: 'bytes',
    default: MiB,
    max: 64 * MiB,
    describe: 'Result of one call.',
  },
  errorTextBytesMax: {
    argument: 'error_size',
    unit: 'bytes',
    default: 500,
    max: 64 * KiB,
    describe: "Text of the module's errors.",
  },
  errorStackBytesMax: {
    argument: 'error_stack_size',
    unit: 'bytes',
    default: 2 * KiB,
    max: 64 * KiB,
    describe: "Stack of the module's errors.",
  },
  logLinesPerSecondMax: {
    argument: 'log_lines_per_second',
    unit: 'count',
    default: 10,
    max: 1_000,
    describe: 'Lines that the module logs in a second; what is beyond is counted.',
  },
  logLineBytesMax: {
    argument: 'log_line_size',
    unit: 'bytes',
    default: KiB,
    max: 64 * KiB,
    describe: 'Length of such a line.',
  },
  exportsBytesMax: {
    argument: 'exports_size',
    unit: 'bytes',
    default: MiB,
    max: 16 * MiB,
    describe: 'What the component exports: control evaluates it, which everybody shares.',
  },
  valuesMax: {
    argument: 'values',
    unit: 'count',
    default: 50_000,
    max: 1_000_000,
    describe: 'Texts, numbers and containers in what the component exports or answers.',
  },
  bundleBytesMax: {
    argument: 'code_size',
    unit: 'bytes',
    default: MiB,
    max: 16 * MiB,
    describe: "The component's code.",
  },
  windowBatchesMax: {
    argument: 'window_batches',
    unit: 'count',
    default: 8,
    max: 1_024,
    describe: 'Batches inside the runner at once.',
  },
  windowBytesMax: {
    argument: 'window_size',
    unit: 'bytes',
    default: 8 * MiB,
    max: 64 * MiB,
    describe: 'Size of the batches inside the runner at once.',
  },
  waitingMax: {
    argument: 'waiting_batches',
    unit: 'count',
    default: 1_024,
    max: 10_000,
    describe: 'Batches that wait for a place in the runner; what is beyond is refused.',
  },
  looseBytesMax: {
    argument: 'loose_size',
    unit: 'bytes',
    default: 32 * MiB,
    max: 256 * MiB,
    describe:
      'Output that belongs to no batch and has not arrived, and input of callbacks that the module has not taken; what is beyond is refused.',
  },
  hardKillsMax: {
    argument: 'kills',
    unit: 'count',
    default: 5,
    max: 100,
    describe: 'Kills of the runner within `kill_window` after which the module is quarantined.',
  },
  isolateLossesMax: {
    argument: 'isolate_losses',
    unit: 'count',
    default: 20,
    max: 1_000,
    describe: 'Isolates lost to timeouts or memory within `kill_window` after which the module is quarantined.',
  },
  killWindowMs: {
    argument: 'kill_window',
    unit: 'ms',
    default: 5 * minute,
    max: 60 * minute,
    describe: 'Time over which kills and lost isolates are counted.',
  },
  quarantineBytesMax: {
    argument: 'quarantine_size',
    unit: 'bytes',
    default: 64 * MiB,
    max: 16 * KiB * MiB,
    describe: 'Disk that quarantined batches of one component may take; what is beyond is counted and not kept.',
  },
  deadLetterBytesMax: {
    argument: 'dead_letter_size',
    unit: 'bytes',
    default: 16 * MiB,
    max: 16 * KiB * MiB,
    describe:
      'Disk that samples of the batches may take that the component failed with; the oldest make room for the newest.',
  },
} as const satisfies Readonly<Record<string, LimitRow>>

export type LimitName = keyof typeof limitTable

/** A value of a limit as a configuration writes it. */
export function printLimit(unit: LimitUnit, value: number): string {
  if (unit === 'MiB') return `${value}MiB`
  if (unit === 'bytes') return printBytes(value)
  return unit === 'ms' ? printMs(value) : String(value)
}

function printBytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB']
  let unit = 0
  while (unit < units.length - 1 && value % 1024 === 0) {
    value /= 1024
    unit++
  }
  return `${value}${units[unit]}`
}

function printMs(value: number): string {
  if (value % minute === 0) return `${value / minute}m`
  return value % 1_000 === 0 ? `${value / 1_000}s` : `${value}ms`
}
