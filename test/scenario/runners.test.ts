import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Collector } from '../servers/ingot.ts'
import { until } from '../servers/process.ts'
import { TestRegistry } from '../servers/registry.ts'
import {
  arrivals,
  fileSource,
  lokiWrite,
  LogWriter,
  startChaos,
  startReceiver,
  temporaryDir,
  untilArrived,
  untilBalanced,
} from './log-pipeline.ts'

const moodyDir = fileURLToPath(new URL('testdata/moody-module', import.meta.url))

/** A folder whose lockfile pins `@acme/moody`, and the blocks that import it. The registry is stopped again: it is not needed to start. */
async function withMoody(): Promise<{ readonly dir: string; readonly blocks: string }> {
  const dir = temporaryDir()
  const registry = await TestRegistry.start(join(dir, 'registry'))
  await registry.publish(moodyDir)
  await registry.pin(dir, '@acme/moody', 'moody')
  await registry.stop()
  const blocks = `
    ${registry.block('@acme')}
    import.module "moody" {
      module  = "@acme/moody"
      version = "^1.0.0"
      limits {
        cpu_share      = 1
        turn_timeout   = "1s"
        batch_deadline = "3s"
      }
    }`
  return { dir, blocks }
}

/** The processes that a collector has spawned. */
function children(collector: Collector): number[] {
  const tasks = `/proc/${collector.process.pid}/task`
  return readdirSync(tasks).flatMap((task) =>
    readFileSync(join(tasks, task, 'children'), 'utf8')
      .split(' ')
      .filter(Boolean)
      .map(Number),
  )
}

const ledger = async (collector: Collector, id: string) => (await collector.component(id))!.ledger

test('runners that are killed during load are replaced, and every line arrives', { timeout: 60_000 }, async () => {
  const { dir, blocks } = await withMoody()
  const { receiver, pushUrl } = await startReceiver()
  const writers = Array.from({ length: 4 }, (_, i) => new LogWriter(dir, `f${i}`))
  const collector = await startChaos({
    config: `
      ${blocks}
      ${fileSource('logs', `${dir}/*.log`, '[moody.pass.one.receiver]')}
      moody.pass "one" { forward_to = [loki.write.out.receiver] }
      ${lokiWrite('out', pushUrl)}`,
    dir,
  })
  for (const writer of writers) writer.flow(20)
  for (let round = 0; round < 3; round++) {
    const before = arrivals(receiver).size
    await until(() => arrivals(receiver).size > before + 500, `lines to arrive in round ${round}`)
    await until(() => children(collector).length > 0, 'a runner')
    for (const pid of children(collector)) process.kill(pid, 'SIGKILL')
  }
  const before = arrivals(receiver).size
  await until(() => arrivals(receiver).size > before + 500, 'lines after the last kill')
  for (const writer of writers) writer.pause()
  await untilArrived(receiver, writers, 'every line')
  await untilBalanced(collector)
  expect((await ledger(collector, 'moody.pass.one')).quarantined).toBe(0)
})

test('lanes that die lose their runners and get new ones, and every line arrives', { timeout: 60_000 }, async () => {
  const { dir, blocks } = await withMoody()
  const { receiver, pushUrl } = await startReceiver()
  const writers = Array.from({ length: 4 }, (_, i) => new LogWriter(dir, `f${i}`))
  const collector = await startChaos({
    config: `
      ${blocks}
      ${fileSource('logs', `${dir}/*.log`, '[moody.pass.one.receiver]')}
      moody.pass "one" { forward_to = [loki.write.out.receiver] }
      ${lokiWrite('out', pushUrl)}`,
    dir,
  })
  for (const writer of writers) writer.flow(20)
  for (let round = 0; round < 2; round++) {
    const before = arrivals(receiver).size
    await until(() => arrivals(receiver).size > before + 500, `lines to arrive in round ${round}`)
    collector.process.child.kill('SIGUSR2')
    await until(async () => (await collector.live()).lanes[round]!.restarts === 1, 'a new lane')
  }
  for (const writer of writers) writer.pause()
  await untilArrived(receiver, writers, 'every line')
  await untilBalanced(collector)
})

/** A pipeline through the module, with a line in it that asks for something, beside one without it. */
async function misbehave(word: string) {
  const { dir, blocks } = await withMoody()
  const { receiver, pushUrl } = await startReceiver()
  const moody = new LogWriter(dir, 'moody')
  const plain = new LogWriter(dir, 'plain')
  const collector = await startChaos({
    config: `
      ${blocks}
      ${fileSource('moody', moody.path, '[moody.pass.one.receiver]')}
      moody.pass "one" { forward_to = [loki.write.out.receiver] }
      ${fileSource('plain', plain.path, '[loki.write.out.receiver]')}
      ${lokiWrite('out', pushUrl)}`,
    dir,
    flags: ['--lanes=1', '--lane.stall-ms=60000'],
  })
  moody.write(100)
  await untilArrived(receiver, [moody], 'the lines before')
  plain.flow(5)
  moody.say(`please ${word}`)
  return { collector, receiver, moody, plain, dir }
}

/** Waits until `settled` holds, and then for the lines written after it. Returns how often lines of the other pipeline arrived meanwhile. */
async function goesOn(
  { collector, receiver, moody, plain }: Awaited<ReturnType<typeof misbehave>>,
  settled: () => Promise<boolean>,
): Promise<number> {
  let arrived = arrivals(receiver).size
  let steps = 0
  await until(async () => {
    const now = arrivals(receiver).size
    if (now > arrived) steps++
    arrived = now
    return settled()
  }, 'the batch to be settled')
  plain.pause()
  await untilArrived(receiver, [plain], 'the lines of the other pipeline')
  const asked = moody.lines.pop()!
  moody.write(100)
  await untilArrived(receiver, [moody], 'the lines after')
  expect(arrivals(receiver).has(asked)).toBe(false)
  await untilBalanced(collector)
  return steps
}

for (const word of ['!loop', '!bomb']) {
  test(
    `a batch that ends its isolate with ${word} is tried twice and then quarantined`,
    { timeout: 60_000 },
    async () => {
      const running = await misbehave(word)
      const { collector, dir } = running
      const steps = await goesOn(running, async () => (await ledger(collector, 'moody.pass.one')).quarantined === 1)
      expect(steps).toBeGreaterThan(2)
      expect(await ledger(collector, 'moody.pass.one')).toMatchObject({ in: 201, out: 200, quarantined: 1, dropped: 0 })
      const folders = readdirSync(join(dir, 'data/quarantine'))
      const files = readdirSync(join(dir, 'data/quarantine', folders[0]!))
      expect(files.map((file) => file.split('.').at(-1)!).toSorted()).toEqual(['frame', 'json'])
      const about = readFileSync(
        join(
          dir,
          'data/quarantine',
          folders[0]!,
          files.find((file) => file.endsWith('json'))!,
        ),
      )
      expect(JSON.parse(about.toString())).toMatchObject({ component: 'moody.pass.one', port: 'receiver', count: 1 })
      // A loss while the machine was busy does not count against the batch, so there may be more.
      expect(collector.process.output.match(/isolate lost and replaced/g)!.length).toBeGreaterThanOrEqual(2)
      expect(await collector.metrics()).toMatch(
        /ingot_component_records_total\{component_id="moody.pass.one",fate="quarantined"\} 1\n/,
      )
      expect(await (await collector.get('/component/moody.pass.one')).text()).toMatch(
        /quarantined<\/dt>\s*<dd[^>]*>1</i,
      )
      expect(await (await collector.get('/')).text()).toMatch(/data-total="quarantined">1</)
    },
  )
}

test('a batch whose handler throws is dropped with its reason, in the same runner', { timeout: 60_000 }, async () => {
  const running = await misbehave('!throw')
  const { collector } = running
  const before = children(collector)
  await goesOn(running, async () => (await ledger(collector, 'moody.pass.one')).dropped === 1)
  expect(await ledger(collector, 'moody.pass.one')).toMatchObject({
    in: 201,
    out: 200,
    quarantined: 0,
    dropped: 1,
    reasons: { module_error: 1 },
  })
  expect(children(collector)).toEqual(before)
  expect(await collector.metrics()).toContain(
    'ingot_component_dropped_records_total{component_id="moody.pass.one",reason="module_error"} 1\n',
  )
  expect(await (await collector.get('/')).text()).toMatch(/data-total="dropped">1</)
  const page = await (await collector.get('/component/moody.pass.one')).text()
  expect(page).toContain('1 as <code>module_error</code>')
  expect(page).toContain('a line asked for it')
})
