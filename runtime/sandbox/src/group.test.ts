/** Instances that share a runner: what one of them does, and what of it the others notice. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { RunnerGroup } from './channel/runner-group.ts'
import { linesOf, poisoned, SandboxFixture, until, type TestComponent } from './testing/sandbox-fixture.ts'

const echo = 'return args.forward_to.emit(batch)'
const patient = { cpuShare: 1, turnTimeoutMs: 2_000, batchDeadlineMs: 10_000 }

let fixture: SandboxFixture
let group: RunnerGroup
beforeEach(async () => {
  fixture = await SandboxFixture.open()
  group = new RunnerGroup(fixture.supervisor)
})
afterEach(() => fixture.close())

const start = (handler: string, options: Parameters<SandboxFixture['start']>[1] = {}): Promise<TestComponent> =>
  fixture.start(handler, { group, ...options, limits: { ...patient, ...options.limits } })
const runners = (): number => fixture.supervisor.pids().assigned.length

/** Every line of each arrives once, and at its own output. */
async function works(components: readonly TestComponent[], what: string): Promise<void> {
  const sent = components.map((component, i) => component.send(`${what} ${i}`))
  expect(await Promise.all(sent)).toEqual(components.map(() => ({ status: 'delivered' })))
  components.forEach((component, i) => {
    expect(linesOf(component.emitted.at(-1)!)).toEqual([`${what} ${i}`])
  })
}

describe('instances of a group', () => {
  test('share a runner, eight in each, and each gets its own batches', async () => {
    const all = await Promise.all(Array.from({ length: 9 }, () => start(echo)))
    expect(runners()).toBe(2)
    const outcomes = all.flatMap((component, i) => Array.from({ length: 50 }, (_, n) => component.send(`${i}-${n}`)))
    expect((await Promise.all(outcomes)).every(({ status }) => status === 'delivered')).toBe(true)
    all.forEach((component, i) => {
      expect(component.emitted.flatMap(linesOf)).toEqual(Array.from({ length: 50 }, (_, n) => `${i}-${n}`))
    })
  })

  test('leave and come without a trace for the others', async () => {
    const stays = await start(echo)
    const leaves = await start(echo)
    const sent = Array.from({ length: 20 }, (_, i) => stays.send(`line ${i}`))
    await leaves.instance.stop(1_000)
    await Promise.all(sent)
    const comes = await start(echo)
    await works([stays, comes], 'after')
    expect([runners(), stays.losses, comes.losses]).toEqual([1, [], []])
    await stays.instance.stop(1_000)
    await comes.instance.stop(1_000)
    await until(() => runners() === 0)
  })

  test('wait for their answers without being taken for another one', async () => {
    const env = { vars: { get: (name: string) => `value of ${name}` } }
    const asks = (name: string) => start(`return report(env.vars.get('${name}'))`, { capabilities: ['env.read'], env })
    const [one, two] = await Promise.all([asks('ONE'), asks('TWO')])
    await Promise.all(Array.from({ length: 20 }, () => [one.send('x'), two.send('x')]).flat())
    expect(new Set(one.emitted.flatMap(linesOf))).toEqual(new Set(['value of ONE']))
    expect(new Set(two.emitted.flatMap(linesOf))).toEqual(new Set(['value of TWO']))
  })

  test('take less memory than those with a runner each', async () => {
    const residentKiB = (): number =>
      fixture.supervisor
        .pids()
        .assigned.reduce(
          (sum, pid) => sum + Number(/Rss:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]),
          0,
        )
    const shared = await Promise.all(Array.from({ length: 4 }, () => start(echo)))
    await works(shared, 'shared')
    const together = residentKiB()
    await Promise.all(shared.map(({ instance }) => instance.stop(1_000)))
    await until(() => runners() === 0)
    const alone = await Promise.all(Array.from({ length: 4 }, () => fixture.start(echo)))
    await works(alone, 'alone')
    expect(together).toBeLessThan(residentKiB() / 2)
  })
})

describe('a member of a group', () => {
  test('that loops loses its own isolate only', async () => {
    const good = await start(echo)
    const bad = await start(poisoned('for (;;);'), { limits: { turnTimeoutMs: 100 } })
    expect(await bad.send('poison')).toEqual({ status: 'dropped', reason: 'quarantined' })
    await works([good, bad], 'after')
    expect(bad.losses.some(({ reason }) => reason === 'timeout')).toBe(true)
    expect([good.losses, runners()]).toEqual([[], 1])
  })

  test('that is stuck in a builtin ends the runner for all, and alone is to blame', async () => {
    const good = await start(echo)
    const spin = poisoned('Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)')
    const bad = await start(spin, { limits: { batchDeadlineMs: 300, hardKillsMax: 2 }, onQuarantine: 'drop' })
    const poison = bad.send('poison')
    const during = Array.from({ length: 10 }, (_, i) => good.send(`line ${i}`))
    await until(() => bad.health.includes('quarantined'), 60_000)
    expect(await Promise.all(during)).toEqual(during.map(() => ({ status: 'delivered' })))
    expect(new Set(good.emitted.flatMap(linesOf)).size).toBe(10)
    await poison
    await works([good], 'after')
    expect(good.counts['quarantined']).toBeUndefined()
    const blamed = fixture.exits.map(({ instance, shared }) => [instance, shared])
    expect(new Set(blamed.map(String)).size).toBe(1)
    expect(blamed[0]![1]).toHaveLength(1)
  })

  test('that takes all memory ends with its own batch in quarantine; those of the others are delivered', async () => {
    const good = await start(echo)
    const bomb = poisoned('const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1))')
    const bad = await start(bomb, { limits: { memoryMiB: 32 } })
    const poison = bad.send('poison')
    const during = Array.from({ length: 10 }, (_, i) => good.send(`line ${i}`))
    expect(await poison).toMatchObject({ status: 'dropped' })
    expect(await Promise.all(during)).toEqual(during.map(() => ({ status: 'delivered' })))
    await works([good, bad], 'after')
    expect(good.counts['quarantined']).toBeUndefined()
  })

  test('sees neither the bytes nor the world of another', async () => {
    const canary = 'canary-of-another-member'
    const other = await start(`globalThis.leak = '${canary}'; Array.prototype.leak = '${canary}'; ${echo}`)
    const looks = await start(`
      const seen = []
      for (let i = 0; i < 64; i++) seen.push(env.text.decode(new Uint8Array(1024)), env.text.decode(new Uint8Array(batch.arena.buffer)))
      return report([globalThis.leak, [].leak, seen.join('')].join())`)
    for (let i = 0; i < 20; i++) await Promise.all([other.send(canary), looks.send('mine')])
    expect(JSON.stringify(looks.emitted.flatMap(linesOf))).not.toContain(canary)
    expect(
      Buffer.concat(
        looks.emitted.map((batch) => (batch.type === 'loki.logs' ? batch.arena : new Uint8Array())),
      ).includes(canary),
    ).toBe(false)
  })

  test('that ends with the whole runner killed from outside is nobody to blame for a batch', async () => {
    const all = await Promise.all([start(echo), start(echo), start(echo)])
    const sent = all.flatMap((component, i) => Array.from({ length: 30 }, (_, n) => component.send(`${i}-${n}`)))
    for (const pid of fixture.supervisor.pids().assigned) process.kill(pid, 'SIGKILL')
    expect((await Promise.all(sent)).every(({ status }) => status === 'delivered')).toBe(true)
    await works(all, 'after')
    expect(runners()).toBe(1)
  })
})
