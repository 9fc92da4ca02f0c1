import { gzipSync } from 'node:zlib'
import { isStale, wordsOf, type MetricsBatch } from '@ingot/telemetry'
import { fakeEnv, runComponent, settle, testComponent, type FakeEnv } from '@ingot/testing'
import { describe, expect, test } from 'vitest'
import scrape from './component.ts'

const target = { __address__: 'a.example:80', env: 'test' }
const args = { targets: [target], scrape_interval: '10s', scrape_timeout: '5s' }

testComponent(scrape, { args, env: () => respond(fakeEnv(), 'up_to 1\n') }, { test })

function respond(
  env: FakeEnv,
  body: string | Uint8Array,
  headers: Record<string, string> = { 'content-type': 'text/plain; version=0.0.4' },
): FakeEnv {
  env.http.respond('http://a.example:80/', { body, headers })
  return env
}

/** Samples as `name{labels} value@timestamp`, without the report's duration. */
function samplesOf(batch: MetricsBatch): string[] {
  const words = wordsOf(batch.values)
  return [...batch.series]
    .map((series, i) => {
      const { __name__: name, ...labels } = batch.table.labels(series).toObject()
      const inside = Object.entries(labels).map(([key, value]) => `${key}="${value}"`)
      return `${name}{${inside.join(',')}} ${isStale(words, i) ? 'stale' : batch.values[i]}`
    })
    .filter((line) => !line.startsWith('scrape_'))
}
function reportOf(batch: MetricsBatch): Record<string, number> {
  const pairs = [...batch.series].map(
    (series, i) => [batch.table.labels(series).get('__name__')!, batch.values[i]!] as const,
  )
  return Object.fromEntries(pairs.filter(([name]) => name === 'up' || name.startsWith('scrape_')))
}

async function start(env: FakeEnv, more: object = {}) {
  const run = await runComponent(scrape, { args: { ...args, ...more }, env, id: 'prometheus.scrape.t' })
  const next = async () => {
    await env.clock.advance(10_000)
    return run.outputs['forward_to']!.batches.at(-1) as MetricsBatch
  }
  return { run, env, next }
}
const labels = 'env="test",instance="a.example:80",job="prometheus.scrape.t"'

describe('prometheus.scrape', () => {
  test('forwards samples with the labels of the target, and tells how the scrape went', async () => {
    const { run, next, env } = await start(respond(fakeEnv(), '# TYPE x counter\nx{job="own",a="1"} 5\ny 7 1234\n'))
    const batch = await next()
    expect(samplesOf(batch)).toEqual([
      `x{a="1",env="test",exported_job="own",${labels.slice(11)}} 5`,
      `y{${labels}} 7`,
      `up{${labels}} 1`,
    ])
    expect(batch.timestamps[1]).toBe(1234)
    expect(batch.timestamps[0]).toBe(batch.timestamps[2])
    expect(reportOf(batch)).toMatchObject({
      up: 1,
      scrape_samples_scraped: 2,
      scrape_samples_post_metric_relabeling: 2,
      scrape_series_added: 2,
    })
    expect(batch.metadata?.get('x')?.type).toBe('counter')
    expect(reportOf(await next())).toMatchObject({ scrape_series_added: 0 })
    const [request] = env.http.requests
    expect(request?.headers['accept']).toContain('application/openmetrics-text;version=1.0.0')
    expect(request?.headers['accept-encoding']).toBe('gzip')
    expect(request?.headers['x-prometheus-scrape-timeout-seconds']).toBe('5')
    run.ledger.balance()
    await run.stop()
  })

  test('keeps the labels of the exposition with honor_labels', async () => {
    const { next, run } = await start(respond(fakeEnv(), 'x{job="own",env=""} 5\n'), { honor_labels: true })
    expect(samplesOf(await next())[0]).toBe('x{env="test",instance="a.example:80",job="own"} 5')
    await run.stop()
  })

  test('shares the series column between equal scrapes', async () => {
    const { next, run, env } = await start(respond(fakeEnv(), 'x 1\ny 2\n'))
    const first = await next()
    respond(env, 'x 3\ny 4\n')
    const second = await next()
    expect(second.series).toBe(first.series)
    expect(samplesOf(second).slice(0, 2)).toEqual([`x{${labels}} 3`, `y{${labels}} 4`])
    expect(samplesOf(first).slice(0, 2)).toEqual([`x{${labels}} 1`, `y{${labels}} 2`])
    await run.stop()
  })

  test('reads gzip and OpenMetrics', async () => {
    const env = respond(fakeEnv(), gzipSync('x_total 1 # {t="1"} 2\n# EOF\n'), {
      'content-type': 'application/openmetrics-text; version=1.0.0',
      'content-encoding': 'gzip',
    })
    const { next, run } = await start(env)
    const batch = await next()
    expect(samplesOf(batch)[0]).toBe(`x_total{${labels}} 1`)
    expect(batch.exemplars).toHaveLength(1)
    await run.stop()
  })

  test('marks series stale that disappear, and all of them when a scrape fails', async () => {
    const { next, run, env } = await start(respond(fakeEnv(), 'x 1\ny 2\n'))
    await next()
    respond(env, 'x 1\n')
    expect(samplesOf(await next())).toEqual([`x{${labels}} 1`, `y{${labels}} stale`, `up{${labels}} 1`])
    env.http.respond('http://a.example:80/', { status: 500 })
    expect(samplesOf(await next())).toEqual([`x{${labels}} stale`, `up{${labels}} 0`])
    expect(samplesOf(await next())).toEqual([`up{${labels}} 0`])
    respond(env, 'x 1\nbroken\n')
    expect(samplesOf(await next())).toEqual([`up{${labels}} 0`])
    expect((run.debugInfo() as { target: { last_error: string }[] }).target[0]?.last_error).toContain('line 2')
    respond(env, 'x 1\n')
    const back = await next()
    expect(samplesOf(back)).toEqual([`x{${labels}} 1`, `up{${labels}} 1`])
    run.ledger.balance()
    await run.stop()
  })

  test('marks the series of a removed target stale, and leaves those of a moved one alone', async () => {
    const { next, run, env } = await start(respond(fakeEnv(), 'x 1\n'))
    await next()
    env.peers.setOwner(() => false)
    await settle()
    const { batches } = run.outputs['forward_to']!
    expect(batches).toHaveLength(1)
    env.peers.setOwner(() => true)
    await next()
    await run.update({ ...args, targets: [] })
    await settle()
    const last = batches.at(-1) as MetricsBatch
    expect(samplesOf(last)).toEqual([`x{${labels}} stale`, `up{${labels}} stale`])
    expect(isStale(wordsOf(last.values), last.count - 1)).toBe(true)
    run.ledger.balance()
    await run.stop()
  })

  test('keeps the series of targets that stay when arguments change', async () => {
    const { next, run } = await start(respond(fakeEnv(), 'x 1\n'))
    const first = await next()
    await run.update({ ...args, targets: [target, { __address__: 'b.example:80' }], extra_metrics: true })
    const batches = run.outputs['forward_to']!.batches as MetricsBatch[]
    await next()
    expect(batches.slice(1).some((batch) => batch.table === first.table)).toBe(true)
    expect(batches.slice(1).flatMap(samplesOf)).not.toContain(expect.stringContaining('stale'))
    await run.stop()
  })

  test.each<[string, object, string]>([
    ['sample_limit', { sample_limit: 1 }, 'sample limit exceeded'],
    ['body_size_limit', { body_size_limit: '4B' }, 'body size limit exceeded'],
    ['label_limit', { label_limit: 3 }, 'label_limit exceeded'],
    ['label_value_length_limit', { label_value_length_limit: 5 }, 'label_value_length_limit exceeded'],
    ['target_limit', { target_limit: 1, targets: [target, { __address__: 'b:1' }] }, 'target_limit exceeded'],
    ['an unknown format', { scrape_fallback_protocol: '' }, 'Content-Type'],
  ])('fails the scrape at %s', async (_, more, message) => {
    const { next, run, env } = await start(respond(fakeEnv(), 'x 1\ny 2\n', { 'content-type': 'text/strange' }), {
      scrape_fallback_protocol: 'PrometheusText0.0.4',
      ...more,
    })
    respond(env, 'x 1\ny 2\n', { 'content-type': 'text/strange' })
    const batch = await next()
    expect(reportOf(batch)).toMatchObject({ up: 0, scrape_samples_scraped: 0 })
    expect((run.debugInfo() as { target: { last_error: string }[] }).target[0]?.last_error).toContain(message)
    await run.stop()
  })

  test('offers refused samples again until the next scrape is due, then drops them', async () => {
    const { next, run } = await start(respond(fakeEnv(), 'x 1\n'))
    run.outputs['forward_to']!.outcome = { status: 'refused', reason: 'full' }
    await next()
    await next()
    run.outputs['forward_to']!.outcome = { status: 'delivered' }
    await next()
    run.ledger.balance()
    expect(run.ledger.snapshot.dropped['refused']).toBeGreaterThan(0)
    await run.stop()
  })

  test.each([
    [{ scrape_native_histograms: true }, 'scrape_native_histograms'],
    [{ scrape_failure_log_file: '/x' }, 'scrape_failure_log_file'],
    [{ scrape_timeout: '11s' }, 'greater than scrape_interval'],
    [{ bearer_token: 'a', bearer_token_file: 'b' }, 'at most one of'],
  ])('refuses %j', async (more, message) => {
    await expect(runComponent(scrape, { args: { ...args, ...more } })).rejects.toThrow(message)
  })
})
