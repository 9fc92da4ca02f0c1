import { monitorEventLoopDelay } from 'node:perf_hooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { poisoned, SandboxFixture } from './testing/sandbox-fixture.ts'

/** Each of these kills or wedges a process that runs it. The collector must not notice more than a lost isolate. */
const wedges: Readonly<Record<string, string>> = {
  'an endless loop': 'for (;;) {}',
  'a loop that catches everything': 'for (;;) { try { for (;;) {} } catch {} finally { continue } }',
  'a loop after an await': 'await null; for (;;) {}',
  'a flood of microtasks': 'const again = () => Promise.resolve().then(again); await again()',
  'a backtracking regular expression': "/^(a+)+$/.test('a'.repeat(40) + 'b')",
  'an uninterruptible builtin': 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)',
  'a bomb of maps': 'const map = new Map(); for (let i = 0; ; i++) map.set(i, i)',
  'a bomb of objects': 'const all = []; for (;;) all.push({ a: [all.length] })',
  'a bomb of small array buffers': 'const all = []; for (;;) all.push(new ArrayBuffer(64))',
  'a string bomb': "'ab'.repeat(5e7).replace(/a/g, 'cc')",
  'a bomb of parsed text': "JSON.parse('[' + '[],'.repeat(2e7) + '[]]')",
  'a spread of a huge string': "[...'.'.repeat(5e8)]",
  'a huge number as text': '(3n ** (10n ** 7n)).toString()',
}

/** These only cost the batch: the isolate goes on. */
const faults: Readonly<Record<string, string>> = {
  'an error whose getters throw':
    'throw { get message() { throw 1 }, get name() { throw 2 }, get stack() { throw 3 } }',
  'an error of ten megabytes': "throw new Error('x'.repeat(1e7))",
  'a proxy as an error': 'throw new Proxy({}, { get() { throw 1 }, has() { throw 2 }, getPrototypeOf() { throw 3 } })',
  'deep recursion': 'const deep = () => deep() + 1; deep()',
  'what is no outcome': 'return { get status() { return 5 }, __proto__: null }',
  'a flood of host calls': 'await Promise.all(Array.from({ length: 1000 }, () => args.forward_to.emit(batch)))',
  'a rejection that nobody handles': "Promise.reject(new Error('loose')); throw new Error('caught')",
  'an array buffer of four gigabytes': 'new ArrayBuffer(2 ** 32)',
}

let fixture: SandboxFixture
const delay = monitorEventLoopDelay({ resolution: 5 })
beforeAll(async () => {
  fixture = await SandboxFixture.open()
  delay.enable()
})
afterAll(async () => {
  delay.disable()
  await fixture.close()
  process.stdout.write(
    `event loop of the parent: p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, max ${(delay.max / 1e6).toFixed(1)} ms\n`,
  )
})

describe('a batch with which the module makes', () => {
  test.each(Object.entries(wedges))(
    '%s is tried twice and quarantined, and the next batch is delivered',
    async (_, code) => {
      const component = await fixture.start(poisoned(code))
      expect(await component.send('poison')).toEqual({ status: 'dropped', reason: 'quarantined' })
      expect(await component.send('good')).toEqual({ status: 'delivered' })
      expect(component.losses.length).toBeGreaterThanOrEqual(2)
      await component.instance.stop(1_000)
    },
  )

  test.each(Object.entries(faults))('%s is dropped, and the isolate is kept', async (_, code) => {
    const component = await fixture.start(poisoned(code))
    expect(await component.send('poison')).toMatchObject({ status: 'dropped' })
    expect(await component.send('good')).toEqual({ status: 'delivered' })
    expect(component.losses).toEqual([])
    await component.instance.stop(1_000)
  })

  test('a bomb of array buffers costs the batch and perhaps the isolate, and the next batch is delivered', async () => {
    const component = await fixture.start(
      poisoned('const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1))'),
    )
    expect(await component.send('poison')).toMatchObject({ status: 'dropped' })
    expect(await component.send('good')).toEqual({ status: 'delivered' })
  })

  test('a getter of a thrown error that never ends is quarantined like any endless loop', async () => {
    const component = await fixture.start(poisoned('throw { get message() { for (;;) {} } }'))
    expect(await component.send('poison')).toEqual({ status: 'dropped', reason: 'quarantined' })
    expect(await component.send('good')).toEqual({ status: 'delivered' })
  })

  test('a proxy that never ends is quarantined like any endless loop', async () => {
    const component = await fixture.start(
      poisoned('Promise.reject(new Proxy(new Error(), { getPrototypeOf() { for (;;) {} }, get() { for (;;) {} } }))'),
    )
    expect(await component.send('poison')).toMatchObject({ status: 'dropped' })
    expect(await component.send('good')).toEqual({ status: 'delivered' })
  })
})

test('output of more than four times the input is not taken', async () => {
  const component = await fixture.start(`
    if (!firstLine(batch).startsWith('poison')) return args.forward_to.emit(batch)
    const arena = new Uint8Array(1 << 20)
    return args.forward_to.emit({ ...batch, arena, ends: new Uint32Array([arena.length]) })`)
  expect(await component.send('poison')).toEqual({ status: 'dropped', reason: 'module_error' })
  expect(component.health).toMatch(/output is bounded to 4 times the input/)
  expect(component.emitted).toEqual([])
  expect(await component.send('good')).toEqual({ status: 'delivered' })
})

test('a batch whose columns point outside of it ends the runner and quarantines the module at once', async () => {
  const component = await fixture.start(
    poisoned('return args.forward_to.emit({ ...batch, streamIds: new Uint32Array([7]) })'),
    { onQuarantine: 'drop' },
  )
  void component.send('poison')
  expect(await component.send('good')).toMatchObject({ status: expect.stringMatching(/dropped|refused/) })
  expect(fixture.exits.at(-1)).toMatchObject({ reason: 'protocol' })
  expect(component.emitted.length).toBeLessThanOrEqual(1)
})

test('a flood of log lines is cut to ten a second, and each to its length', async () => {
  const component = await fixture.start(
    "for (let i = 0; i < 1000; i++) env.log.info('x'.repeat(5000)); return args.forward_to.emit(batch)",
  )
  expect(await component.send('a')).toEqual({ status: 'delivered' })
  expect(component.logs).toHaveLength(10)
  expect(component.logs.every(({ message }) => message.length <= 1024)).toBe(true)
})
