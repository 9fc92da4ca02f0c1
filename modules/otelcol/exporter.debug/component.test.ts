import { delivered } from '@ingot/sdk'
import { fakeEnv, runComponent, testComponent } from '@ingot/testing'
import { expect, onTestFinished, test } from 'vitest'
import { requestBatch } from '../testdata/requests.ts'
import exporter from './component.ts'

testComponent(exporter, { send: [{ port: 'input', batch: requestBatch('otel.traces') }] }, { test })

async function debugging(args: object) {
  const env = fakeEnv()
  const running = await runComponent(exporter, { args, env })
  onTestFinished(async () => void (await running.stop()))
  return { env, running }
}

test('basic counts what is in a batch', async () => {
  const { env, running } = await debugging({})
  expect(await running.send('input', requestBatch('otel.traces'))).toEqual(delivered)
  await running.send('input', requestBatch('otel.metrics', 5))
  await running.send('input', requestBatch('otel.logs'))
  expect(env.log.lines.map(({ message, fields }) => [message, fields])).toEqual([
    ['Traces', { resource_spans: 1, spans: 2 }],
    ['Metrics', { resource_metrics: 1, metrics: 1, data_points: 5 }],
    ['Logs', { resource_logs: 1, log_records: 2 }],
  ])
  running.ledger.balance()
})

test('normal writes one line a record', async () => {
  const { env, running } = await debugging({ verbosity: 'normal' })
  await running.send('input', requestBatch('otel.traces', 1))
  await running.send('input', requestBatch('otel.metrics', 2))
  await running.send('input', requestBatch('otel.logs', 1))
  expect(env.log.lines.map(({ message }) => message)).toEqual([
    'Traces\nspan 0 5b8efff798038103d269b633813fc60c eee19b7ec3c1b174',
    'Metrics\nrequests service.name=shop 0\nrequests service.name=shop 1',
    'Logs\nline 0 service.name=shop',
  ])
})

test('detailed writes everything', async () => {
  const { env, running } = await debugging({ verbosity: 'detailed' })
  await running.send('input', requestBatch('otel.logs', 1))
  expect(env.log.lines[0]!.message).toBe(`Logs
resourceLogs:
  resource:
    attributes:
      key: "service.name"
      value:
        stringValue: "shop"
  scopeLogs:
    logRecords:
      body:
        stringValue: "line 0"
      attributes:
        key: "service.name"
        value:
          stringValue: "shop"`)
})

test('writes the first messages of a second and then every n-th', async () => {
  const { env, running } = await debugging({ sampling_initial: 2, sampling_thereafter: 3 })
  for (let i = 0; i < 8; i++) await running.send('input', requestBatch('otel.traces', i + 1))
  await env.clock.advance(1000)
  await running.send('input', requestBatch('otel.traces', 9))
  expect(env.log.lines.map(({ fields }) => fields?.['spans'])).toEqual([1, 2, 5, 8, 9])
})

test('bounds the length of a message', async () => {
  const { env, running } = await debugging({ verbosity: 'detailed' })
  await running.send('input', requestBatch('otel.logs', 2000))
  expect(env.log.lines[0]!.message).toMatch(/… \d+ characters left out$/)
})
