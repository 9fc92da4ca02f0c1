import { decodeUtf8 } from '@ingot/telemetry'
import { fakeEnv, runComponent, testComponent } from '@ingot/testing'
import { expect, test } from 'vitest'
import exporter from './component.ts'

testComponent(exporter, {}, { test })

test('prometheus.exporter.self serves the collector’s metrics at its target', async () => {
  const env = fakeEnv({ selfMetrics: 'x 1\n', hostname: 'h' })
  const run = await runComponent(exporter, { env })
  expect(run.exports['targets']).toEqual([
    {
      __address__: 'alloy.internal:12345',
      __metrics_path__: '/api/v0/component/test/metrics',
      __scheme__: 'http',
      instance: 'h',
      job: 'integrations/self',
    },
  ])
  const response = await env.server.requestMounted('metrics')
  expect(response.headers?.['content-type']).toContain('version=0.0.4')
  expect(decodeUtf8(response.body as Uint8Array)).toBe('x 1\n')
  expect((await env.server.requestMounted('metrics', { method: 'POST' })).status).toBe(405)
  await run.stop()
})
