import { describe, expect, test } from 'vitest'
import { acceptHeader, formatOf } from './negotiation.ts'
import { spreadOf, targetOf } from './target.ts'

const defaults = {
  job_name: undefined,
  scheme: 'http',
  metrics_path: '/metrics',
  params: { a: ['1', '2'], module: ['x y'] },
  scrape_interval: 60_000,
  scrape_timeout: 10_000,
}
const of = (labels: Record<string, string>, more: object = {}) =>
  targetOf(labels, { ...defaults, ...more }, 'prometheus.scrape.t')

describe('targetOf()', () => {
  test('builds the URL and the labels of a plain target', () => {
    const target = of({ __address__: 'a:1', env: 'e', __meta_x: 'y', empty: '' })
    expect(target.url).toBe('http://a:1/metrics?a=1&a=2&module=x+y')
    expect(target.labels.toObject()).toEqual({ env: 'e', instance: 'a:1', job: 'prometheus.scrape.t' })
    expect([target.intervalMs, target.timeoutMs]).toEqual([60_000, 10_000])
  })

  test('lets labels of the target decide', () => {
    const target = of({
      __address__: 'a:1',
      __scheme__: 'https',
      __metrics_path__: 'probe',
      __param_module: 'http_2xx',
      __scrape_interval__: '15s',
      __scrape_timeout__: '5s',
      job: 'j',
      instance: 'i',
    })
    expect(target.url).toBe('https://a:1/probe?a=1&a=2&module=http_2xx')
    expect(target.labels.toObject()).toEqual({ instance: 'i', job: 'j' })
    expect([target.intervalMs, target.timeoutMs]).toEqual([15_000, 5000])
  })

  test('gives equal targets equal keys, and other URLs other ones', () => {
    const key = of({ __address__: 'a:1', x: 'y' }).key
    expect(of({ x: 'y', __address__: 'a:1', __meta_z: '1' }).key).toBe(key)
    expect(of({ __address__: 'a:1', x: 'y' }, { metrics_path: '/other' }).key).not.toBe(key)
  })

  test.each([
    [{}, 'no address'],
    [{ __address__: 'a/b' }, 'not a valid hostname'],
    [{ __address__: 'a', __scheme__: 'ftp' }, 'unsupported scheme'],
    [{ __address__: 'a', __scrape_interval__: '1s' }, 'timeout cannot be greater'],
    [{ __address__: 'a', __scrape_interval__: 'soon' }, 'duration'],
  ])('refuses %j', (labels, message) => {
    expect(() => of(labels as Record<string, string>)).toThrow(message)
  })
})

test('spreadOf() spreads alike keys over the whole interval', () => {
  const tenths = new Set(Array.from({ length: 200 }, (_, i) => Math.floor(spreadOf(`target-${i}`) * 10)))
  expect(tenths.size).toBe(10)
})

test('acceptHeader() weighs the formats in their order', () => {
  expect(
    acceptHeader({
      scrape_protocols: ['OpenMetricsText1.0.0', 'PrometheusText0.0.4'],
      metric_name_escaping_scheme: 'underscores',
    }),
  ).toBe(
    'application/openmetrics-text;version=1.0.0;escaping=underscores;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
  )
})

test.each([
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', 'openmetrics'],
  ['text/plain', 'text'],
  [undefined, 'text'],
  ['text/html', 'text'],
] as const)('formatOf(%j) is %s', (contentType, format) => {
  expect(formatOf(contentType, 'PrometheusText0.0.4')).toBe(format)
})

test('formatOf() fails without a fallback', () => {
  expect(() => formatOf('text/html', '')).toThrow('Content-Type "text/html"')
})
