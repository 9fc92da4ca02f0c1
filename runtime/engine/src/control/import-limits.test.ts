import { expect, test } from 'vitest'
import { configBlocks } from './config-blocks.ts'
import { importLimits } from './import-limits.ts'

const read = (limits: object) =>
  configBlocks['import.module'].safeParse({ module: '@acme/redact', version: '^1.0.0', limits })

test('importLimits() gives what the block names, and nothing else', () => {
  const { data } = read({ memory: '32MiB', batch_deadline: '2s', turn_timeout: '100ms', cpu_share: 0.25 })
  expect(importLimits(data!.limits)).toEqual({
    memoryMiB: 32,
    batchDeadlineMs: 2_000,
    turnTimeoutMs: 100,
    cpuShare: 0.25,
  })
  expect(importLimits(undefined)).toEqual({})
})

test.each([
  [{ memory: '4MiB' }, /"memoryMiB" to 4: want a number of at least 8/],
  [{ memory: '1GiB' }, /at most 512/],
  [{ batch_deadline: '1h' }, /at most 30000/],
  [{ turn_timeout: '10s' }, /at most 5000/],
  [{ cpu_share: 2 }, /"cpuShare" to 2/],
  [{ cpu_share: 0 }, /"cpuShare" to 0/],
])('the limits %o are refused when the configuration is read', (limits, message) => {
  expect(read(limits).error?.issues[0]?.message).toMatch(message)
})
