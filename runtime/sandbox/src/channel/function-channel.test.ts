import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { resolveLimits, type Limits } from '../limits.ts'
import { SandboxFixture } from '../testing/sandbox-fixture.ts'
import { FunctionChannel } from './function-channel.ts'

let fixture: SandboxFixture
const channels: FunctionChannel[] = []
beforeAll(async () => {
  fixture = await SandboxFixture.open()
})
afterAll(async () => {
  await Promise.all(channels.map((channel) => channel.close()))
  await fixture.close()
})

/** A module with one function, whose body is given. */
function open(body: string, { before = '', limits = {} as Partial<Limits>, sha256 = '' } = {}) {
  const code = Buffer.from(`${before}
const any = { safeParse: (data) => ({ success: true, data }), meta: () => undefined }
export default [{ name: 'f', parameters: { a: any }, run: ({ a }) => { ${body} } }]`)
  const channel = new FunctionChannel({
    instance: `import.module.m${channels.length}`,
    code,
    sha256: sha256 || createHash('sha256').update(code).digest('hex'),
    limits: resolveLimits(limits),
    control: fixture.supervisor,
  })
  channels.push(channel)
  return channel
}

describe('functions in a runner', () => {
  test('answer with values, and with what they throw', async () => {
    const channel = open(`if (a.n < 0) throw new RangeError('n is negative'); return { twice: a.n * 2, list: [a] }`)
    expect(await channel.call('f', [{ n: 21 }])).toEqual({ value: { twice: 42, list: [{ n: 21 }] } })
    expect(await channel.call('f', [{ n: -1 }])).toEqual({ error: 'RangeError: n is negative' })
    await expect(channel.call('g', [])).rejects.toThrow('its module has no such function')
  })

  test('see no time, no chance of their own, and nothing of the host', async () => {
    const channel = open(
      `return [Date.now(), new Date().toISOString(), Math.random(), typeof process, typeof env, typeof fetch]`,
      {
        before: 'const loadedAt = Date.now(); if (loadedAt !== 0) throw new Error("it knows the time")',
      },
    )
    const first = await channel.call('f', [1])
    expect(first).toEqual({
      value: [0, '1970-01-01T00:00:00.000Z', expect.any(Number), 'undefined', 'undefined', 'undefined'],
    })
    expect(await channel.call('f', [1])).toEqual(first)
    expect(await channel.call('f', [2])).not.toEqual(first)
  })

  test.each([
    ['loops', 'for (;;);', /it was ended after 100 ms without an answer/],
    [
      'loops in a microtask',
      'Promise.resolve().then(function again() { return Promise.resolve().then(again) }); for (;;);',
      /without an answer/,
    ],
    ['fills its memory', 'const all = []; for (;;) all.push(new Array(1e5).fill(1.5))', /ended/],
  ])('lose their isolate when one %s, and go on with the next call', async (_, hostile, message) => {
    const channel = open(`if (a === 'poison') { ${hostile} } return a`, {
      limits: { turnTimeoutMs: 100, memoryMiB: 16 },
    })
    expect(await channel.call('f', ['good'])).toEqual({ value: 'good' })
    const [lost, next] = await Promise.allSettled([channel.call('f', ['poison']), channel.call('f', ['next'])])
    expect(lost).toMatchObject({
      status: 'rejected',
      reason: { name: 'CallLostError', message: expect.stringMatching(message) },
    })
    expect(next).toEqual({ status: 'fulfilled', value: { value: 'next' } })
  })

  test('answer with no more than they may', async () => {
    const channel = open(`return 'x'.repeat(a)`, { limits: { exportsBytesMax: 1000 } })
    expect(await channel.call('f', [2_000])).toEqual({
      error: expect.stringMatching(/its result has \d+ bytes, at most 1000/),
    })
    expect(await channel.call('f', [10])).toEqual({ value: 'x'.repeat(10) })
  })

  test.each([
    ['a promise', 'return Promise.resolve(1)', /promise/],
    ['a function', 'return () => 1', /found a function/],
    ['a value that contains itself', 'const x = []; x.push(x); return x', /nested deeper/],
    ['a getter that throws', `return { get a() { throw new Error('gotcha') } }`, /gotcha/],
    ['an error that cannot be read', `throw { get message() { throw 1 } }`, /cannot be read/],
  ])('fail when one answers with %s', async (_, body, message) => {
    const failed = await open(body).call('f', [1]).then((answer) => JSON.stringify(answer), (error: Error) => error.message) // prettier-ignore
    expect(failed).toMatch(message)
  })

  test('are quarantined when they lose too many isolates, and resumed by whoever runs the collector', async () => {
    const channel = open(`if (a === 'poison') for (;;); return a`, {
      limits: { turnTimeoutMs: 30, isolateLossesMax: 2 },
    })
    // An isolate that a busy machine has ended does not count.
    const lose = () => channel.call('f', ['poison']).then(String, (error: Error) => error.message)
    for (let i = 0; i < 30 && !(await lose()).includes('quarantined'); i++);
    await expect(channel.call('f', ['good'])).rejects.toThrow(/quarantined/)
    expect(fixture.supervisor.resume(`import.module.m${channels.length - 1}`)).toBe(true)
    expect(await channel.call('f', ['good'])).toEqual({ value: 'good' })
  })

  test('are not run when their code is not what the manifest says, or is none', async () => {
    expect(() => open('', { sha256: '0'.repeat(64) })).toThrow(/its bundle has the hash/)
    await expect(open('', { before: "throw new Error('not today')" }).call('f', [])).rejects.toThrow(/not today/)
  })
})
