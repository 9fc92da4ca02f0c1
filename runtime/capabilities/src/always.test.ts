/** What every component has, and the small capabilities. */
import * as fc from 'fast-check'
import { isCapabilityError } from '@ingot/sdk'
import { expect, test } from 'vitest'
import { Access } from './access/access.ts'
import { createCodec } from './codec/broker.ts'
import { parseRetryInfo, formatRetryInfo } from './grpc/retry-info.ts'
import { crc32c } from './grpc/crc32c.ts'
import { createLogger } from './log/broker.ts'
import { MetricsRegistry, renderMetrics } from './metrics/registry.ts'
import { HashRing } from './peers/hash-ring.ts'
import { openEnv } from './test-env.ts'

const access = new Access({ trusted: true, audit: () => {} })

test('env.codec gives back what it compressed, within a bound', async () => {
  const codec = createCodec(access)
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
      const data = Buffer.from(bytes)
      expect(data.equals(await codec.gunzip(await codec.gzip(bytes), data.length))).toBe(true)
      expect(data.equals(await codec.unzstd(await codec.zstd(bytes), data.length))).toBe(true)
      expect(data.equals(codec.unsnappy(codec.snappy(bytes), data.length))).toBe(true)
    }),
    { numRuns: 30 },
  )
  const zeros = Buffer.alloc(100_000)
  const tooLarge = (error: unknown) => isCapabilityError(error, 'too_large')
  await expect(codec.gunzip(await codec.gzip(zeros), 99_999)).rejects.toSatisfy(tooLarge)
  await expect(codec.unzstd(await codec.zstd(zeros), 99_999)).rejects.toSatisfy(tooLarge)
  expect(() => codec.unsnappy(codec.snappy(zeros), 99_999)).toThrow('at most 99999')
  await expect(codec.gunzip(zeros, 10)).rejects.toSatisfy((error) => isCapabilityError(error, 'invalid'))
  await expect(codec.unzstd(zeros, 10)).rejects.toSatisfy((error) => isCapabilityError(error, 'invalid'))
  expect(() => codec.unsnappy(Buffer.from([5, 255, 255]), 10)).toThrow('snappy')
})

test('crc32c() gives the values of RFC 3720', () => {
  expect(crc32c(new Uint8Array(32))).toBe(0x8a91_36aa)
  expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8_ab43)
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe306_9283)
})

test('parseRetryInfo() reads what formatRetryInfo() wrote, and survives anything else', () => {
  for (const ms of [0, 1, 999, 1500, 86_400_000]) expect(parseRetryInfo(formatRetryInfo(14, 'full', ms))).toBe(ms)
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const found = parseRetryInfo(Buffer.from(bytes).toString('base64'))
      expect(found === undefined || found >= 0).toBe(true)
    }),
  )
})

test('a logger bounds its lines and says how many it left out', () => {
  const lines: string[] = []
  let now = 0
  const logger = createLogger(
    (_level, message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`),
    false,
    () => now,
  )
  for (let i = 0; i < 70; i++) logger.info('x'.repeat(2000))
  expect(lines).toHaveLength(50)
  expect(lines[0]).toHaveLength(1024 + 3)
  now += 1000
  logger.error('later', { a: 1 })
  expect(lines.slice(50)).toEqual(['log lines left out: the component logs too fast {"lines":20}', 'later {"a":1}'])
})

test('MetricsRegistry renders what components count, and forgets it with them', () => {
  const registry = new MetricsRegistry()
  const a = registry.scope({ component_id: 'a' })
  a.metrics.counter('b_total', 'Things\ndone.').add(2)
  a.metrics.counter('b_total', 'Things\ndone.', { kind: 'q"\\' }).add()
  a.metrics.gauge('a_now', 'Now.').set(-1.5)
  const histogram = a.metrics.histogram('c_seconds', 'Time.', [0.1, 1])
  for (const value of [0.05, 0.1, 0.5, 7]) histogram.observe(value)
  const text = [
    '# HELP a_now Now.',
    '# TYPE a_now gauge',
    'a_now{component_id="a"} -1.5',
    '# HELP b_total Things\\ndone.',
    '# TYPE b_total counter',
    'b_total{component_id="a"} 2',
    'b_total{kind="q\\"\\\\",component_id="a"} 1',
    '# HELP c_seconds Time.',
    '# TYPE c_seconds histogram',
    'c_seconds_bucket{component_id="a",le="0.1"} 2',
    'c_seconds_bucket{component_id="a",le="1"} 3',
    'c_seconds_bucket{component_id="a",le="+Inf"} 4',
    'c_seconds_sum{component_id="a"} 7.65',
    'c_seconds_count{component_id="a"} 4',
    '',
  ].join('\n')
  expect(registry.collect()).toBe(text)
  const lanes = renderMetrics([registry.snapshot(), structuredClone(registry.snapshot())])
  expect(lanes).toContain('b_total{component_id="a"} 4\n')
  expect(lanes).toContain('c_seconds_bucket{component_id="a",le="+Inf"} 8\n')
  expect(() => a.metrics.gauge('b_total', '')).toThrow('it is a counter')
  a.remove()
  expect(registry.collect()).toBe('')
})

test('HashRing shares keys evenly and moves only what it must', () => {
  const members = ['lane-0', 'lane-1', 'lane-2', 'lane-3']
  const [four, three, shuffled] = [
    new HashRing(members),
    new HashRing(members.slice(0, 3)),
    new HashRing([...members].reverse()),
  ]
  const shares = new Map<string, number>()
  for (let i = 0; i < 20_000; i++) {
    const key = `http://10.0.${i >> 8}.${i & 255}:9100/metrics`
    const owner = four.owner(key)!
    shares.set(owner, (shares.get(owner) ?? 0) + 1)
    expect(shuffled.owner(key)).toBe(owner)
    if (owner !== 'lane-3') expect(three.owner(key)).toBe(owner)
  }
  for (const share of shares.values()) expect(Math.abs(share - 5000)).toBeLessThan(900)
  expect(new HashRing([]).owner('a')).toBeUndefined()
})

test('env.peers of all lanes own each key exactly once', async () => {
  const lanes = await Promise.all([0, 1, 2].map((index) => openEnv(['peers'], { lane: { index, count: 3 } })))
  for (let i = 0; i < 100; i++) expect(lanes.filter(({ env }) => env.peers.owns(`key ${i}`))).toHaveLength(1)
})

test('env.clock sleeps, and stops at its signal', async () => {
  const { env } = await openEnv(['clock', 'random', 'host.stats'])
  const before = env.clock.monotonic()
  await env.clock.sleep(5)
  expect(env.clock.monotonic()).toBeGreaterThan(before)
  const aborted = (error: unknown) => isCapabilityError(error, 'aborted')
  await expect(env.clock.sleep(60_000, { signal: AbortSignal.timeout(5) })).rejects.toSatisfy(aborted)
  await expect(env.clock.sleep(60_000, { signal: AbortSignal.abort() })).rejects.toSatisfy(aborted)
  expect(env.random.float()).toBeLessThan(1)
  expect(env.host.uname().sysname).toBe('Linux')
})
