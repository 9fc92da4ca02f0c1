import { delivered, refused, type Outcome } from '@ingot/sdk'
import type { OtelBatch } from '@ingot/telemetry'
import { fakeEnv, runComponent, settle, testComponent } from '@ingot/testing'
import { expect, onTestFinished, test } from 'vitest'
import { requestBatch } from '../testdata/requests.ts'
import batch from './component.ts'

const traces = requestBatch('otel.traces', 3)
const logs = requestBatch('otel.logs', 3)

testComponent(batch, { args: { output: {} }, send: [{ port: 'input', batch: traces }] }, { test })

async function batching(args: object) {
  const env = fakeEnv()
  const running = await runComponent(batch, { args: { output: {}, ...args }, env })
  onTestFinished(async () => void (await running.stop()))
  const counts = (signal: string) => running.outputs[`output.${signal}`]!.batches.map((each) => each.count)
  return { env, running, counts }
}

test('sends each signal to its own output when enough records wait', async () => {
  const { running, counts } = await batching({ send_batch_size: 6 })
  const outcomes = [traces, logs, traces, logs].map((each) => running.send('input', each))
  expect(await Promise.all(outcomes)).toEqual([delivered, delivered, delivered, delivered])
  expect([counts('traces'), counts('logs'), counts('metrics')]).toEqual([[6], [6], []])
  running.ledger.balance()
})

test('sends what is too little when the timeout is over, and settles then', async () => {
  const { env, running, counts } = await batching({ timeout: '2s' })
  let outcome: Outcome | undefined
  const sent = running.send('input', traces).then((each) => (outcome = each))
  await env.clock.advance(1999)
  expect([counts('traces'), outcome]).toEqual([[], undefined])
  await env.clock.advance(1)
  await sent
  expect([counts('traces'), outcome]).toEqual([[3], delivered])
})

test('passes a refusal on to each sender', async () => {
  const { running } = await batching({ send_batch_size: 6 })
  running.outputs['output.traces']!.outcome = refused('queue_full', 5)
  const outcomes = [traces, traces].map((each) => running.send('input', each))
  expect(await Promise.all(outcomes)).toEqual([refused('queue_full', 5), refused('queue_full', 5)])
  expect(running.ledger.snapshot).toMatchObject({ in: 6, out: 0, refused: 6 })
  running.ledger.balance()
})

test('keeps batches of different metadata apart, and carries only that metadata', async () => {
  const { running } = await batching({ send_batch_size: 3, metadata_keys: ['X-Tenant'] })
  const of = (tenant: string): OtelBatch => ({ ...traces, metadata: { 'x-tenant': tenant, accept: '*/*' } })
  await Promise.all([of('a'), of('b')].map((each) => running.send('input', each)))
  expect(running.outputs['output.traces']!.batches.map((each) => (each as OtelBatch).metadata)).toEqual([
    { 'x-tenant': 'a' },
    { 'x-tenant': 'b' },
  ])
})

test('refuses metadata beyond its limit', async () => {
  const { running } = await batching({ send_batch_size: 3, metadata_keys: ['t'], metadata_cardinality_limit: 1 })
  const of = (t: string): OtelBatch => ({ ...traces, metadata: { t } })
  expect(await running.send('input', of('a'))).toEqual(delivered)
  expect(await running.send('input', of('b'))).toEqual(refused('metadata_cardinality'))
  expect(await running.send('input', of('a'))).toEqual(delivered)
})

test('sends what waits before it stops', async () => {
  const { running, counts } = await batching({ timeout: '1h' })
  const outcome = running.send('input', traces)
  await settle()
  expect(await running.stop()).toBe(true)
  expect([await outcome, counts('traces')]).toEqual([delivered, [3]])
  running.ledger.balance()
})

test('counts records that no output takes as dropped on purpose', async () => {
  const { running } = await batching({ send_batch_size: 3, output: { logs: [] } })
  expect(await running.send('input', logs)).toEqual(delivered)
  expect(running.ledger.snapshot.dropped).toEqual({ no_output: 3 })
  running.ledger.balance()
})

test('refuses a largest size below the size that it sends at', async () => {
  const args = { output: {}, send_batch_size: 10, send_batch_max_size: 5 }
  await expect(runComponent(batch, { args })).rejects.toThrow(
    'send_batch_size must not be greater than send_batch_max_size',
  )
})
