import type { Fault } from './faults.ts'

/** What was held at one moment. */
export interface Sample {
  readonly seconds: number
  readonly collectorMiB: number
  readonly runnersMiB: number
  readonly runners: number
  readonly descriptors: number
  readonly storageMiB: number
}

export interface Report {
  readonly seed: number
  readonly faults: Readonly<Partial<Record<Fault, number>>>
  readonly written: number
  readonly arrived: number
  readonly repeated: number
  readonly dropped: number
  readonly quarantined: number
  readonly resumed: number
  readonly reloadsRefused: number
  readonly laneRestarts: number
  readonly samples: readonly Sample[]
  /** What does not hold. */
  readonly failures: readonly string[]
}

/** Before, code is compiled, caches fill and every instance loses its first runner: memory says nothing. */
const judgedFromSeconds = 300
/** What memory may grow by in the second half, by the line through its samples: of its mean, and at least. */
const growthShareMax = 0.1
const growthMiBMin = 48

/** Whether memory is flat in the second half. */
export function growthFailures(samples: readonly Sample[]): readonly string[] {
  const lastSeconds = samples.at(-1)?.seconds ?? 0
  if (lastSeconds < judgedFromSeconds) return []
  const half = samples.filter(({ seconds }) => seconds >= lastSeconds / 2)
  return (['collectorMiB', 'runnersMiB'] as const).flatMap((what) => {
    const { grown, mean } = growth(half, (sample) => sample[what])
    const max = Math.max(growthShareMax * mean, growthMiBMin)
    const who = what === 'collectorMiB' ? 'the collector' : 'the runners'
    return grown <= max ? [] : [`${who} grew by ${grown.toFixed(0)} MiB in the second half, at most ${max.toFixed(0)}`]
  })
}

/** By the line of least squares. */
function growth(
  samples: readonly Sample[],
  valueOf: (sample: Sample) => number,
): { readonly grown: number; readonly mean: number } {
  const times = samples.map(({ seconds }) => seconds)
  const values = samples.map(valueOf)
  const [time, mean] = [average(times), average(values)]
  let above = 0
  let below = 0
  times.forEach((each, i) => {
    above += (each - time) * (values[i]! - mean)
    below += (each - time) ** 2
  })
  return { grown: below === 0 ? 0 : (above / below) * (times.at(-1)! - times[0]!), mean }
}

export function summary(report: Report): string {
  const { samples, faults } = report
  const half = samples.filter(({ seconds }) => seconds >= (samples.at(-1)?.seconds ?? 0) / 2)
  const range = (valueOf: (sample: Sample) => number): string => {
    const { grown, mean } = growth(half, valueOf)
    const peak = samples.reduce((most, sample) => Math.max(most, valueOf(sample)), 0)
    return `${mean.toFixed(0)} on average, ${grown >= 0 ? '+' : ''}${grown.toFixed(1)} by its slope, at most ${peak.toFixed(0)}`
  }
  const judged = (samples.at(-1)?.seconds ?? 0) >= judgedFromSeconds ? '' : ' (not judged: the run is too short)'
  const counted = Object.entries(faults).map(([fault, times]) => `${times} ${fault}`)
  return [
    `seed ${report.seed}; faults: ${counted.join(', ')}`,
    `lines: ${report.written} written, ${report.arrived} arrived, ${report.repeated} again; of components: ${report.dropped} dropped, ${report.quarantined} quarantined`,
    `modules resumed ${report.resumed} times, lanes started anew ${report.laneRestarts} times, ${report.reloadsRefused} reloads taken back`,
    `second half, MiB resident of the collector: ${range(({ collectorMiB }) => collectorMiB)}${judged}`,
    `second half, MiB resident of all runners: ${range(({ runnersMiB }) => runnersMiB)}${judged}`,
    `descriptors of the collector: ${range(({ descriptors }) => descriptors)}`,
    `MiB of storage: ${range(({ storageMiB }) => storageMiB)}`,
    ...(report.failures.length === 0 ? ['everything holds'] : report.failures.map((failure) => `FAILED: ${failure}`)),
    '',
  ].join('\n')
}

function average(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / Math.max(1, values.length)
}
