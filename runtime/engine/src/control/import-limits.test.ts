import { limitDefaults, limitTable, resolveLimits } from '@ingot/sandbox'
import { expect, test } from 'vitest'
import { configBlocks } from './config-blocks.ts'
import { importLimits } from './import-limits.ts'

const read = (limits: object) =>
  configBlocks['import.module'].safeParse({ module: '@acme/redact', version: '^1.0.0', limits })

test('importLimits() gives what the block names over the defaults', () => {
  const { data } = read({
    memory: '32MiB',
    batch_deadline: '2s',
    cpu_share: 0.25,
    kill_window: '1m',
    batch_size: '1KiB',
  })
  expect(resolveLimits(importLimits(data!.limits))).toEqual({
    ...limitDefaults,
    memoryMiB: 32,
    batchDeadlineMs: 2_000,
    cpuShare: 0.25,
    killWindowMs: 60_000,
    batchBytesMax: 1024,
  })
  expect(importLimits(undefined)).toEqual({})
  expect(importLimits(read({}).data!.limits)).toEqual(
    Object.fromEntries(Object.entries(limitDefaults).filter(([, value]) => value !== undefined)),
  )
})

test.each(Object.values(limitTable))(
  '$argument may be set to its maximum and not beyond it',
  ({ argument, unit, max }) => {
    const written = (value: number) =>
      unit === 'count' || unit === 'share'
        ? value
        : unit === 'ms'
          ? `${value}ms`
          : `${value}${unit === 'MiB' ? 'MiB' : 'B'}`
    expect(read({ [argument]: written(max) }).success).toBe(true)
    expect(read({ [argument]: written(max + 1) }).error?.issues[0]).toMatchObject({ path: ['limits', argument] })
    expect(read({ [argument]: written(0) }).success).toBe(false)
  },
)

test.each([
  [{ memory: '4MiB' }, 'found 4MiB, want at least 8MiB'],
  [{ memory: '1GiB' }, 'found 1024MiB, want at most 512MiB'],
  [{ batch_deadline: '1h' }, 'found 60m, want at most 30s'],
  [{ turn_timeout: '-1s' }, 'found -1s, want more than 0'],
  [{ host_calls: 1.5 }, /int/],
])('the limits %o are refused with what is wanted', (limits, message) => {
  expect(read(limits).error?.issues[0]?.message).toMatch(message)
})
