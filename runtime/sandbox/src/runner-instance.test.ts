import { Labels, SeriesArena } from '@ingot/telemetry'
import { existsSync, readdirSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linesOf, logsOf, moduleCode, poisoned, SandboxFixture, until } from './testing/sandbox-fixture.ts'

let fixture: SandboxFixture
beforeAll(async () => {
  fixture = await SandboxFixture.open()
})
afterAll(() => fixture.close())

const echo = 'return args.forward_to.emit(batch)'

describe('a component in a runner', () => {
  test('takes batches and emits them, settled with their delivery', async () => {
    const component = await fixture.start(echo)
    expect(await component.send('a', 'b')).toEqual({ status: 'delivered' })
    expect(component.emitted.map(linesOf)).toEqual([['a', 'b']])
    expect(component.counts).toEqual({ received: 2 })
  })

  test('passes on a refusal with its delay', async () => {
    const component = await fixture.start(echo, {
      emit: async () => ({ status: 'refused', reason: 'full', retryAfterMs: 5 }),
    })
    expect(await component.send('a')).toEqual({ status: 'refused', reason: 'full', retryAfterMs: 5 })
    expect(component.counts).toEqual({ received: 1, refused: 1 })
  })

  test('has several batches under way while their delivery takes its time', async () => {
    const open: (() => void)[] = []
    const component = await fixture.start(echo, {
      emit: () => new Promise((resolve) => open.push(() => resolve({ status: 'delivered' }))),
    })
    const outcomes = [component.send('a'), component.send('b'), component.send('c')]
    await until(() => open.length === 3)
    for (const settle of open.toReversed()) settle()
    expect(await Promise.all(outcomes)).toEqual(Array.from({ length: 3 }, () => ({ status: 'delivered' })))
  })

  test('is told arguments, exports values, reports health and counts records', async () => {
    const code = `export default { name: 'test', arguments: { parse: (value) => value }, run({ args, receive, ledger, setExports, setHealth, onUpdate }) {
      setExports({ twice: args.n * 2 }); setHealth('healthy', 'fine')
      onUpdate((next) => { if (next.n < 0) throw new Error('n is negative'); setExports({ twice: next.n * 2 }) })
      receive('receiver', async (batch) => { ledger.dropped(batch.count, 'filtered'); return { status: 'delivered' } })
    } }`
    const component = fixture.make(code)
    await component.start({ n: 21 })
    await until(() => component.health !== '')
    expect([component.exports, component.health]).toEqual([{ twice: 42 }, 'healthy: fine'])
    expect(await component.send('a', 'b')).toEqual({ status: 'delivered' })
    expect(component.counts).toEqual({ received: 2, 'dropped filtered': 2 })
    const frame = { value: { n: 4 }, outputs: [], secrets: [] }
    await component.instance.update(frame, () => {})
    await until(() => component.exports['twice'] === 8)
    await expect(component.instance.update({ ...frame, value: { n: -1 } }, () => {})).rejects.toThrow('n is negative')
  })

  test('counts and measures under its own names, and a name that is refused is not the end of it', async () => {
    const made: string[] = []
    const series = (kind: string) => (name: string) => {
      if (name === 'taken') throw new Error('taken by another type')
      return {
        add: (n: number) => made.push(`${kind} ${name} +${n}`),
        set: (value: number) => made.push(`${kind} ${name} =${value}`),
        observe: (value: number) => made.push(`${kind} ${name} ${value}`),
      }
    }
    const metrics = { counter: series('counter'), gauge: series('gauge'), histogram: series('histogram') }
    const component = await fixture.start(
      `const lines = env.metrics.counter('lines', 'Lines.'), held = env.metrics.gauge('held', 'Held.')
       for (let i = 0; i < 1000; i++) lines.add(1)
       held.add(3); held.set(5); held.add(-1)
       env.metrics.histogram('size', 'Size.', [1, 2]).observe(1.5); env.metrics.counter('taken', 'Taken.').add(1)
       ${echo}`,
      { env: { metrics } },
    )
    expect(await component.send('a')).toEqual({ status: 'delivered' })
    await until(() => component.logs.length > 0)
    expect(made.toSorted()).toEqual(['counter lines +1000', 'gauge held =4', 'histogram size 1.5'])
    expect(component.logs[0]!.message).toMatch(/was not taken: taken by another type/)
    expect(component.losses).toEqual([])
  })

  test('drops a batch whose handler throws, and keeps its isolate', async () => {
    const component = await fixture.start(
      `globalThis.n = (globalThis.n ?? 0) + 1; if (firstLine(batch) === 'bad') throw new TypeError('no ' + n); ${echo}`,
    )
    expect(await component.send('bad', 'x')).toEqual({ status: 'dropped', reason: 'module_error' })
    expect(component.logs).toMatchObject([{ level: 'error', message: expect.stringContaining('TypeError: no 1') }])
    await until(() => existsSync(`${component.quarantineDir}-dead`))
    await until(() => readdirSync(`${component.quarantineDir}-dead`).length === 2)
    expect(component.counts).toEqual({ received: 2, 'dropped module_error': 2 })
    expect(await component.send('good')).toEqual({ status: 'delivered' })
    expect(component.losses).toEqual([])
  })

  test('drops a batch that its handler can never settle', async () => {
    const component = await fixture.start(poisoned('await new Promise(() => {})'))
    expect(await component.send('poison')).toEqual({ status: 'dropped', reason: 'stalled' })
    expect(await component.send('good')).toEqual({ status: 'delivered' })
    expect(component.losses).toEqual([])
  })

  test('gets batches larger than a runner takes at once in pieces', async () => {
    const component = await fixture.start(echo)
    const lines = Array.from({ length: 60 }, (_, i) => `${i} ${'x'.repeat(100_000)}`)
    expect(await component.send(...lines)).toEqual({ status: 'delivered' })
    expect(component.emitted.length).toBeGreaterThan(1)
    expect(component.emitted.flatMap(linesOf)).toEqual(lines)
  })

  test('gets metrics and OTLP as their own batches', async () => {
    const component = await fixture.start(
      `if (batch.type === 'prometheus.metrics' && batch.table.labels(batch.series[0]).get('__name__') !== 'up') throw new Error('lost its labels'); ${echo}`,
      { types: ['prometheus.metrics', 'otel.traces'] },
    )
    const table = new SeriesArena()
    const series = table.add(Labels.from([['__name__', 'up']]))
    const metrics = {
      type: 'prometheus.metrics',
      count: 1,
      table,
      series: new Uint32Array([series]),
      values: new Float64Array([1.5]),
      timestamps: new Float64Array([1e12]),
    } as const
    const traces = { type: 'otel.traces', count: 0, bytes: new Uint8Array(0) } as const
    expect(await component.instance.receive('receiver', metrics)).toEqual({ status: 'delivered' })
    expect(await component.instance.receive('receiver', traces)).toEqual({ status: 'delivered' })
    expect(component.emitted.map(({ type, count }) => [type, count])).toEqual([
      ['prometheus.metrics', 1],
      ['otel.traces', 0],
    ])
  })

  test('may emit only what the receivers of its output take', async () => {
    const component = await fixture.start(echo, { types: ['otel.logs'] })
    expect(await component.send('a')).toEqual({ status: 'dropped', reason: 'wrong_type' })
    expect(component.counts).toEqual({ received: 1, 'dropped wrong_type': 1 })
    expect(component.emitted).toEqual([])
  })

  test('refuses batches once it is stopped', async () => {
    const component = await fixture.start(echo)
    expect(await component.instance.stop(1_000)).toBe(true)
    expect(await component.send('a')).toEqual({ status: 'refused', reason: 'stopped' })
  })
})

describe('loading a component', () => {
  test('fails when its bundle is not what the manifest says', () => {
    const sha256 = createHash('sha256').update('other').digest('hex')
    expect(() => fixture.make(moduleCode(echo), { sha256 })).toThrow(/its bundle has the hash/)
  })

  test.each([
    ['a static import', "import fs from 'node:fs'; export default {}", /Cannot import "node:fs"/],
    ['code that does not parse', 'export default {', /Unexpected end of input/],
    ['code that throws', "throw new Error('not today')", /not today/],
    ['no component', 'export default 5', /default export is not what defineComponent returns/],
    [
      'arguments that it refuses',
      "export default { arguments: { parse() { throw new Error('want a name') } }, run() {} }",
      /want a name/,
    ],
  ])('fails with %s', async (_, code, message) => {
    await expect(fixture.make(code).start()).rejects.toThrow(message)
  })

  test('a dynamic import is refused when it is tried', async () => {
    const component = await fixture.start("await import('node:fs')")
    expect(await component.send('a')).toEqual({ status: 'dropped', reason: 'module_error' })
    expect(component.failures).toMatch(/Not supported/)
  })
})

describe('what a module can reach', () => {
  test('nothing of Node.js, no shared memory, no collector, no way to the host', async () => {
    const names = [
      'process',
      'require',
      'Buffer',
      'fetch',
      'WebAssembly',
      'SharedArrayBuffer',
      'Atomics',
      'WeakRef',
      'FinalizationRegistry',
      'ivm',
      'prelude',
    ]
    const component = await fixture.start(`
      const found = ${JSON.stringify(names)}.filter((name) => name in globalThis)
      const resizable = (() => { try { return new ArrayBuffer(1, { maxByteLength: 2 }).resizable === true } catch { return false } })()
      const ways = [Date.constructor, env.log.info.constructor, [].constructor.constructor].map((make) => make('return typeof process')())
      throw new Error(JSON.stringify({ found, resizable, ways, own: 'constructor' in ArrayBuffer.prototype && new ArrayBuffer.prototype.constructor(1, { maxByteLength: 9 }).maxByteLength !== 9 }))`)
    await component.send('a')
    expect(component.failures).toContain(
      JSON.stringify({ found: [], resizable: false, ways: ['undefined', 'undefined', 'undefined'], own: true }),
    )
  })

  test('no capability that it was not granted', async () => {
    const env = { state: { get: () => 'secret', keys: () => [] } }
    const component = await fixture.start('throw new Error(Object.keys(env).sort().join())', { env })
    await component.send('a')
    expect(component.failures).toContain('codec,log,metrics,text')
  })

  test('granted capabilities answer: at once, later, and with coded errors that tell nothing of the host', async () => {
    const state = new Map<string, string>()
    const env = {
      state: {
        get: (key: string) => state.get(key),
        keys: () => [...state.keys()],
        set: async (key: string, value: string) => void state.set(key, value),
        delete: async () => {
          throw new Error('/etc/secret/path')
        },
      },
      clock: { sleep: async () => {} },
    }
    const component = await fixture.start(
      `await env.state.set('k', 'v'); await env.clock.sleep(1)
       const failure = await env.state.delete('k').catch((error) => error.name + ' ' + error.code + ' ' + error.message)
       throw new Error([env.state.get('k'), env.state.keys().length, env.state.get('none'), failure, env.clock.now() > 1e12].join('|'))`,
      { env, capabilities: ['state', 'clock'] },
    )
    await component.send('a')
    expect(component.failures).toContain('v|1||CapabilityError io The call failed|true')
  })

  test('the text of a secret stays with the host, which puts it where it is used', async () => {
    const seen: unknown[] = []
    const env = {
      http: {
        request: async (request: { headers: { authorization: { reveal(): string } } }) =>
          void seen.push(request.headers.authorization.reveal()),
      },
    }
    const component = fixture.make(
      `const hidden = Symbol.for('ingot.secret')
       export default { arguments: { parse: (value) => value }, run({ args, env, receive }) {
         receive('receiver', async () => {
           await env.http.request({ headers: { authorization: args.token } })
           throw new Error(args.token[hidden] + ' ' + args.token)
         }) } }`,
      { env, capabilities: ['http.request'] },
    )
    await component.instance.start({ value: { token: 'hunter2' }, outputs: [], secrets: [['token']] }, () => {})
    await component.send('a')
    expect(seen).toEqual(['hunter2'])
    expect(component.failures).toContain('(secret)')
    expect(component.failures).not.toContain('hunter2')
  })

  test('no byte of another batch: memory that it gets holds its batch and nothing else', async () => {
    const spy = await fixture.start(`
      const bytes = new Uint8Array(batch.arena.buffer)
      const all = env.text.decode(bytes)
      const echoed = env.text.encode('x'), zipped = await env.codec.gzip(echoed)
      throw new Error([bytes.length < 400, all.includes('SECRET'), echoed.buffer.byteLength, zipped.length === zipped.buffer.byteLength].join())`)
    const other = await fixture.start(echo)
    for (let i = 0; i < 20; i++) await other.send(`SECRET ${i}`)
    await spy.send('mine')
    expect(spy.failures).toContain('true,false,1,true')
  })

  test('a polluted prototype in one isolate is not seen in another, nor in the host', async () => {
    const polluter = await fixture.start(
      `Object.prototype.polluted = 1; Array.prototype.push = () => { throw new Error('caught') }; ${echo}`,
    )
    const other = await fixture.start(`if ({}.polluted) throw new Error('polluted'); ${echo}`)
    await polluter.send('a')
    expect(await other.send('b')).toEqual({ status: 'delivered' })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    // What it broke is its own.
    expect(await polluter.send('c')).toEqual({ status: 'dropped', reason: 'module_error' })
  })
})

describe('a batch that takes its isolate with it', () => {
  test('is tried once more and then kept on disk', async () => {
    const component = await fixture.start(poisoned('for (;;) {}'))
    const before = component.send('before')
    expect(await component.send('poison', 'x')).toEqual({ status: 'dropped', reason: 'quarantined' })
    expect(await before).toEqual({ status: 'delivered' })
    // Losses while the machine was busy come on top.
    expect(component.losses.length).toBeGreaterThanOrEqual(2)
    expect(component.losses.every(({ reason, hard }) => reason === 'timeout' && !hard)).toBe(true)
    expect(component.counts['quarantined']).toBe(2)
    expect((await readdir(component.quarantineDir)).map((name) => name.split('.').at(-1)!).toSorted()).toEqual([
      'frame',
      'json',
    ])
    expect(await component.send('good')).toEqual({ status: 'delivered' })
  })

  test('does not emit twice what it had emitted before', async () => {
    const component = await fixture.start(
      "await args.forward_to.emit(batch); if (firstLine(batch).startsWith('poison')) for (;;) {} return { status: 'delivered' }",
    )
    expect(await component.send('poison')).toEqual({ status: 'dropped', reason: 'quarantined' })
    expect(component.emitted).toHaveLength(1)
  })
})

test('logsOf() and linesOf() agree', () => {
  expect(linesOf(logsOf(['a', 'é']))).toEqual(['a', 'é'])
})

test('a flood of log lines is cut to ten a second, and each to its length', async () => {
  const flood = "for (let i = 0; i < 1000; i++) env.log.info('x'.repeat(5000)); return args.forward_to.emit(batch)"
  const component = await fixture.start(flood)
  expect(await component.send('a')).toEqual({ status: 'delivered' })
  expect(component.logs).toHaveLength(10)
  expect(component.logs.every(({ message }) => message.length <= 1024)).toBe(true)
})

test('of exports and health that change all the time the first and the last are passed on', async () => {
  const flood =
    "for (let i = 0; i < 30; i++) { setExports({ i }); setHealth('unhealthy', String(i)) } return args.forward_to.emit(batch)"
  const component = await fixture.start(flood)
  const seen: unknown[] = []
  component.onExports = (exports) => seen.push(exports['i'])
  expect(await component.send('a')).toEqual({ status: 'delivered' })
  await until(() => component.exports['i'] === 29 && component.health === 'unhealthy: 29')
  expect(seen).toEqual([0, 29])
})
