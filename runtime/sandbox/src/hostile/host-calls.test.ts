import { afterAll, beforeAll, expect, test } from 'vitest'
import { poisoned, SandboxFixture } from '../testing/sandbox-fixture.ts'

let fixture: SandboxFixture
beforeAll(async () => {
  fixture = await SandboxFixture.open()
})
afterAll(() => fixture.close())

/** Waits without an end, and what became of them. */
function endlessClock() {
  const open = new Set<AbortSignal>()
  const sleep = (ms: number, { signal }: { readonly signal: AbortSignal }): Promise<void> => {
    if (ms === 0) return Promise.resolve()
    open.add(signal)
    return new Promise((_, reject) => {
      const end = (): void => {
        open.delete(signal)
        reject(Object.assign(new Error('aborted'), { name: 'CapabilityError', code: 'aborted' }))
      }
      signal.addEventListener('abort', end, { once: true })
    })
  }
  return { open, env: { clock: { sleep } } }
}

const waits = `let code = 'none'
  for (let turn = 0; turn < 20 && code === 'none'; turn++) {
    for (let i = 0; i < 60; i++) env.clock.sleep(1e9).catch((error) => { code = error.code })
    await env.clock.sleep(0).catch(() => {})
  }
  return report(code)`

test('waits that pile up turn by turn are bounded, and end with the module that began them', async () => {
  const { open, env } = endlessClock()
  const component = await fixture.start(waits, { capabilities: ['clock'], env })
  expect(await component.send('a')).toEqual({ status: 'delivered' })
  expect(
    component.emitted.map((batch) => (batch.type === 'loki.logs' ? Buffer.from(batch.arena).toString() : '')),
  ).toEqual(['full'])
  expect(open.size).toBeGreaterThan(200)
  expect(open.size).toBeLessThanOrEqual(256)
  await component.instance.stop(1_000)
  expect(open.size).toBe(0)
})

test('waits end with the isolate that began them', async () => {
  const { open, env } = endlessClock()
  const code = poisoned("if (batch.count > 1) for (;;) {}; env.clock.sleep(1e9).catch(() => {}); return report('ok')")
  const component = await fixture.start(code, { capabilities: ['clock'], env })
  await component.send('poison')
  expect(open.size).toBe(1)
  await component.send('poison', 'and more')
  expect(open.size).toBe(0)
})

test('memory that was handed to isolates which are gone is written by nobody', async () => {
  const code = `kept.push(batch.arena); ${poisoned('for (;;) {}')}`
  const limits = { turnTimeoutMs: 60, isolateLossesMax: 1_000, cpuShare: 1, memoryMiB: 64 }
  const component = await fixture.start(code, { before: 'const kept = []', limits })
  const large = 'x'.repeat(2 ** 19)
  for (let i = 0; i < 8; i++) {
    await component.send('good', large)
    await component.send('poison', large)
  }
  expect(await component.send('good', large)).toEqual({ status: 'delivered' })
  expect(component.losses.length).toBeGreaterThanOrEqual(16)
  // Such writes end a process with a signal, sooner or later.
  expect(fixture.exits.filter(({ reason }) => reason === 'crash')).toEqual([])
  expect(component.losses.some(({ hard }) => !hard)).toBe(true)
})
