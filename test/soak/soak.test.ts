import { expect, test } from 'vitest'
import { growthFailures, type Sample } from './report.ts'
import { Soak } from './soak.ts'

/** A slice of `npm run soak`. */
test(
  'a collector with faulty sandboxed instances accounts for every line and leaves nothing behind',
  {
    timeout: 300_000,
  },
  async () => {
    const report = await new Soak({ seconds: 20, instances: 8, seed: Date.now() % 1_000_000 }).run()
    expect(report.failures, `seed ${report.seed}`).toEqual([])
    expect(Object.keys(report.faults).length).toBeGreaterThan(3)
    expect(report.arrived + report.dropped + report.quarantined).toBeGreaterThanOrEqual(report.written)
  },
)

test('growthFailures() finds what grows in the second half, and nothing else', () => {
  const samples = (mib: (seconds: number) => number): Sample[] =>
    Array.from({ length: 121 }, (_, i) => ({
      seconds: i * 5,
      collectorMiB: 400,
      runnersMiB: mib(i * 5),
      runners: 50,
      descriptors: 100,
      storageMiB: 1,
    }))
  expect(growthFailures(samples((seconds) => 500 + (seconds % 100)))).toEqual([])
  expect(growthFailures(samples((seconds) => (seconds < 300 ? seconds : 300)))).toEqual([])
  expect(growthFailures(samples((seconds) => 500 + seconds))).toEqual([
    'the runners grew by 300 MiB in the second half, at most 95',
  ])
})
