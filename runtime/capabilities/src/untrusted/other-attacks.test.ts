/** What an untrusted component tries with listeners, variables, its state, its log and its clock. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isCapabilityError, type ServerRequest, type ServerResponse } from '@ingot/sdk'
import { describe, expect, test } from 'vitest'
import { MetricsRegistry, renderMetrics } from '../metrics/registry.ts'
import { openEnv, temporaryDirectory } from '../test-env.ts'

async function codeOf(attempt: () => unknown): Promise<string> {
  try {
    await attempt()
    return 'answered'
  } catch (error) {
    return isCapabilityError(error) ? error.code : String(error)
  }
}
const listening = { bodyBytesMax: 100, requestsMax: 1 }
const at = (address: string) => ({ trusted: false, args: { value: { address }, outputs: [], secrets: [] } })
const serves = { 'http.serve': [{ why: 'listens', from: 'address' }] } as const

describe('a component that may listen at 127.0.0.1:0', () => {
  test.each([
    '0.0.0.0:0',
    ':0',
    '[::]:0',
    '[::1]:0',
    'localhost:0',
    '127.0.0.1:80',
    '127.0.0.1:22',
    '127.0.0.2:0',
    '127.1:0',
    '[::ffff:127.0.0.1]:0',
    '127.0.0.1:00000',
  ])('is denied %s, or gets its own', async (address) => {
    const { env } = await openEnv(serves, at('127.0.0.1:0'))
    const attempt = async () =>
      (await env.server.listenHttp({ ...listening, address }, async () => ({ status: 200 }))).address
    const bound = await attempt().catch((error: { code: string }) => error.code)
    if (bound === 'denied') return
    expect(address).toBe('127.0.0.1:00000')
    expect(bound).toMatch(/^127\.0\.0\.1:\d+$/)
  })

  test.each(['', '127.0.0.1', '127.0.0.1:99999', '127.0.0.1:-1', '/tmp/socket', 'unix:/tmp/socket'])(
    'is denied the address "%s"',
    async (address) => {
      const { env } = await openEnv(serves, at('127.0.0.1:0'))
      const handler = async () => ({ status: 200 })
      expect(await codeOf(() => env.server.listenHttp({ ...listening, address }, handler))).toBe('denied')
      expect(await codeOf(() => env.server.listenGrpc({ ...listening, address }, {}))).toBe('denied')
    },
  )

  test.each([
    [
      'an answer with headers that frame it',
      { status: 200, headers: { 'content-length': '1', 'transfer-encoding': 'chunked', a: 'b' }, body: 'whole' },
      200,
      'whole',
    ],
    ['an answer with a forged header', { status: 200, headers: { a: 'b\r\nx-forged: 1' }, body: 'whole' }, 500, ''],
    ['a status that is none', { status: 99_999 }, 500, ''],
    ['a status that is a text', { status: '200' }, 500, ''],
    ['an informational status', { status: 101 }, 500, ''],
    ['a body that is an object', { status: 200, body: { a: 1 } }, 200, ''],
    ['nothing', undefined, 500, ''],
  ])('gives %s, and clients get a whole answer', async (_, given, status, body) => {
    const { env } = await openEnv(serves, at('127.0.0.1:0'))
    const { address } = await env.server.listenHttp(
      { ...listening, address: '127.0.0.1:0' },
      async () => given as unknown as ServerResponse,
    )
    const response = await fetch(`http://${address}/`)
    expect([response.status, await response.text(), response.headers.get('x-forged')]).toEqual([status, body, null])
  })
})

test('a path under the collector’s own server is served so that no browser runs it as one of its pages', async () => {
  const mounted = new Map<string, (request: ServerRequest) => Promise<ServerResponse>>()
  const { env } = await openEnv(serves, {
    trusted: false,
    services: { mount: (path, handler) => void mounted.set(path, handler) },
  })
  const headers = { 'content-type': 'text/html', 'Content-Security-Policy': "default-src 'unsafe-inline'" }
  env.server.mount('page', async () => ({ status: 200, headers, body: '<script>fetch("/-/reload")</script>' }))
  const answer = await mounted.get('page')!({
    method: 'GET',
    url: '/',
    headers: {},
    body: new Uint8Array(),
    remoteAddress: '',
  })
  expect(answer.headers).toEqual({
    'content-type': 'text/html',
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  })
  for (const path of ['../../reload', 'a\r\nb', '<script>', 5 as unknown as string])
    expect(
      await codeOf(() =>
        env.server.mount(path.toString().includes('..') ? `${path}\0` : path, async () => ({ status: 200 })),
      ),
    ).toBe('invalid')
  expect(
    await codeOf(() => {
      for (let i = 0; i < 100; i++) env.server.mount(`p${i}`, async () => ({ status: 200 }))
    }),
  ).toBe('full')
})

test('variables are read by the names that are granted, and by no other spelling', async () => {
  const { env, counters, logs } = await openEnv(
    { 'env.read': [{ why: 'region', values: ['*'] }] },
    {
      trusted: false,
      grant: { env_read: ['ACME_*', 'constructor'] },
      environment: { ACME_REGION: 'eu', SECRET: 'canary' },
    },
  )
  expect(env.vars.get('ACME_REGION')).toBe('eu')
  for (const name of ['SECRET', 'acme_region', ' ACME_REGION', 'XACME_REGION', '__proto__', 'toString', ''])
    expect(await codeOf(() => env.vars.get(name))).toBe('denied')
  expect(env.vars.get('constructor')).toBeUndefined()
  expect(await codeOf(() => env.vars.get({ startsWith: () => true } as unknown as string))).toBe('invalid')
  expect(counters['env.read']!.denied).toBe(7)
  expect(logs).toHaveLength(7)
})

describe('the state of a component', () => {
  const open = () => openEnv(['state'], { trusted: false })

  test('has a quota, and one component’s keys lead to no file', async () => {
    const { env, directory } = await open()
    for (const key of ['../../outside', '/etc/passwd', '__proto__', 'a\0b', '', 'ключ'.repeat(100)]) {
      await env.state.set(key, 'v')
      expect(env.state.get(key)).toBe('v')
    }
    expect(({} as { v?: unknown }).v).toBeUndefined()
    mkdirSync(join(directory, 'check'))
    let code = ''
    for (let i = 0; code === '' && i < 64; i++)
      code = (await codeOf(() => env.state.set(`k${i}`, 'x'.repeat(2 ** 20)))).replace('answered', '')
    expect(code).toBe('full')
  })

  test('takes texts only, so that no size can be lied about', async () => {
    const { env } = await open()
    const lies: unknown[] = [{ length: -1e15 }, 5, null, undefined, ['a'], Buffer.from('a'), { toString: 'a' }]
    for (const lie of lies) {
      expect(await codeOf(() => env.state.set('a', lie as unknown as string))).toBe('invalid')
      expect(await codeOf(() => env.state.set(lie as unknown as string, 'a'))).toBe('invalid')
    }
    expect(await codeOf(() => env.state.set('x'.repeat(2000), 'a'))).toBe('invalid')
    await env.state.set('a', 'b')
    expect(env.state.keys()).toEqual(['a'])
  })

  test('has a bounded number of queues, left ones included, whose names lead nowhere', async () => {
    const { env } = await open()
    const queue = await env.state.queue('../../outside', { bytesMax: 1e15 })
    await queue.append(new Uint8Array(10), 1)
    expect(await codeOf(() => queue.append(new Uint8Array(1), -1))).toBe('invalid')
    expect(await codeOf(() => queue.append('text' as unknown as Uint8Array, 1))).toBe('invalid')
    await queue.close()
    let opened = 1
    for (let i = 0; i < 100; i++) {
      const code = await codeOf(async () => (await env.state.queue(`q${i}`, { bytesMax: 1 })).close())
      if (code === 'answered') opened++
      else expect(code).toBe('full')
    }
    expect(opened).toBe(64)
    await (await env.state.queue('../../outside', { bytesMax: 100 })).close()
  })
})

test('a log that is flooded is cut, and says how much', async () => {
  const { env, logs } = await openEnv([], { trusted: false })
  for (let i = 0; i < 10_000; i++) env.log.info('x'.repeat(10_000))
  expect(logs.length).toBeLessThanOrEqual(60)
  expect(logs.every(({ message }) => message.length <= 1024)).toBe(true)
})

test('denials are told once for each target, and a bounded number of targets is kept', async () => {
  const { env, counters, logs } = await openEnv({ 'env.read': [] }, { trusted: false })
  for (let round = 0; round < 2; round++)
    for (let i = 0; i < 500; i++) expect(await codeOf(() => env.vars.get(`N${i}`))).toBe('denied')
  expect([counters['env.read']!.denied, logs.length]).toEqual([1000, 500])
  expect(await codeOf(() => env.vars.get('x'.repeat(1000)))).toBe('denied')
  expect(String(logs.at(-1)!.fields['target'])).toHaveLength(200)
})

test('a clock takes times only, and a wait ends with its signal', async () => {
  const { env } = await openEnv(['clock', 'random'], { trusted: false })
  for (const ms of [Number.NaN, -1, '5', {}, null])
    expect(await codeOf(() => env.clock.sleep(ms as number))).toBe('invalid')
  const abort = new AbortController()
  const waiting = codeOf(() => env.clock.sleep(1e15, { signal: abort.signal }))
  abort.abort()
  expect(await waiting).toBe('aborted')
  expect(env.random.float()).toBeLessThan(1)
})

test('what the collector’s own server gives a component of its state is a folder of its own', async () => {
  const directory = temporaryDirectory()
  for (const id of ['a/../b', '..', 'a.b.c']) {
    const { env } = await openEnv(['state'], { trusted: false, dataDir: directory, id })
    expect(env.state.keys()).toEqual([])
    await env.state.set('owner', id)
  }
})

test('a metric that takes the name of another component’s does not keep it from its own', () => {
  const registry = new MetricsRegistry()
  const hostile = registry.scope({ component_id: 'hostile' }, false).metrics
  hostile.gauge('sent_bytes_total', 'mine').set(666)
  const own = registry.scope({ component_id: 'own' }).metrics
  own.counter('sent_bytes_total', 'Bytes.').add(5)
  expect(() => hostile.gauge('sent_bytes_total', 'mine')).toThrow('it is a counter')
  hostile.counter('sent_bytes_total', 'mine', { component_id: 'own' }).add(7)
  const other = new MetricsRegistry()
  other.scope({ component_id: 'hostile' }, false).metrics.gauge('sent_bytes_total', 'mine').set(666)
  expect(renderMetrics([registry.snapshot(), other.snapshot()])).toBe(
    '# HELP sent_bytes_total Bytes.\n# TYPE sent_bytes_total counter\nsent_bytes_total{component_id="own"} 5\nsent_bytes_total{component_id="hostile"} 7\n',
  )
})
