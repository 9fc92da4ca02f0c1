import { logsBatch, runComponent, testComponent } from '@ingot/testing'
import type { LogsBatch } from '@ingot/telemetry'
import { expect, test } from 'vitest'
import fromLine from './component.ts'

const args = { expression: String.raw`^\[([^\]]+)\]`, format: 'dd/MMM/yyyy:HH:mm:ss xx' }
const send = [{ port: 'receiver', batch: logsBatch(['[22/Nov/2026:10:00:00 +0000] GET /']) }]

testComponent(fromLine, { args, send }, { test })

test('from_line takes the time of a line, with its zone', async () => {
  const running = await runComponent(fromLine, { args })
  await running.send('receiver', logsBatch(['[22/Nov/2026:10:00:00 +0100] GET /', 'no time']))
  const [batch] = running.output().batches as LogsBatch[]
  const came = Date.UTC(2026, 0, 1) / 1_000
  expect([...batch!.seconds]).toEqual([Date.UTC(2026, 10, 22, 9) / 1_000, came])
  await running.stop()
})

test('from_line takes parts of a second', async () => {
  const running = await runComponent(fromLine, {
    args: { expression: '^(.*Z) ', format: "yyyy-MM-dd'T'HH:mm:ss.SSSX" },
  })
  await running.send('receiver', logsBatch(['2026-11-22T10:00:00.250Z up']))
  const [batch] = running.output().batches as LogsBatch[]
  expect([batch!.seconds[0], batch!.nanos[0]]).toEqual([Date.UTC(2026, 10, 22, 10) / 1_000, 250e6])
  await running.stop()
})
