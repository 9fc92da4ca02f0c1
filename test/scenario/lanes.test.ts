import { expect, test } from 'vitest'
import { until } from '../servers/process.ts'
import type { Collector } from '../servers/ingot.ts'
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
  untilFlowing,
} from './log-pipeline.ts'

const restarts = async (collector: Collector): Promise<readonly number[]> =>
  (await collector.live()).lanes.map((lane) => lane.restarts)

test('lanes that are terminated during load come back, and every line arrives', { timeout: 60_000 }, async () => {
  const dir = temporaryDir()
  const { receiver, pushUrl } = await startReceiver()
  const writers = Array.from({ length: 6 }, (_, i) => new LogWriter(dir, `f${i}`))
  const collector = await startChaos({
    config: `
      ${fileSource('logs', `${dir}/*.log`, '[chaos.gate.one.receiver]')}
      chaos.gate "one" { forward_to = [loki.write.out.receiver] }
      ${lokiWrite('out', pushUrl)}`,
    dir,
  })
  for (const writer of writers) writer.flow(50)
  for (let round = 0; round < 4; round++) {
    const before = arrivals(receiver).size
    await until(() => arrivals(receiver).size > before + 500, `lines to arrive in round ${round}`)
    collector.process.child.kill('SIGUSR2')
    const total = async () => (await restarts(collector)).reduce((sum, count) => sum + count, 0)
    await until(async () => (await total()) > round, `restart ${round + 1}`)
  }
  for (const writer of writers) writer.pause()
  await untilArrived(receiver, writers, 'every line')
  await untilBalanced(collector)
  expect(await restarts(collector)).toEqual([2, 2])
})

test(
  'batches that a dead lane had not settled are sent again by the other lane, and by nobody else',
  { timeout: 60_000 },
  async () => {
    const dir = temporaryDir()
    let status = 503
    const { receiver, pushUrl } = await startReceiver({ status: () => status })
    // The id of `chaos.gate.b` places it in lane 0, which is the first to be terminated.
    const collector = await startChaos({
      config: `
        chaos.ticker "t" {
          forward_to = [chaos.gate.b.receiver]
          lane       = 1
          count      = 300
        }
        chaos.gate "b" { forward_to = [loki.write.out.receiver] }
        ${lokiWrite('out', pushUrl)}`,
      dir,
    })
    expect(await (await collector.get('/component/chaos.gate.b')).text()).toContain('in lane 0')
    await until(async () => (await collector.component('loki.write.out'))!.ledger.in === 300, 'all lines at the writer')
    collector.process.child.kill('SIGUSR2')
    await until(async () => (await collector.component('loki.write.out'))!.ledger.in === 600, 'all lines once more')
    status = 200
    await until(() => arrivals(receiver).size === 300, 'every line')
    await untilBalanced(collector)
    expect(await restarts(collector)).toEqual([1, 0])
    const live = await collector.live()
    const ledger = (id: string) => live.components.find((component) => component.id === id)!.ledger
    expect(ledger('chaos.ticker.t')).toMatchObject({ created: 300, out: 300, dropped: 0 })
    expect(ledger('chaos.gate.b')).toMatchObject({ in: 600, out: 300, refused: 300 })
    expect(live.edges.find(({ to }) => to === 'chaos.gate.b')).toMatchObject({ in: 300, delivered: 300, refused: 0 })
  },
)

for (const word of ['!spin', '!hoard']) {
  test(
    `a lane that obeys ${word} is started again while the pipelines of the other lane go on`,
    { timeout: 60_000 },
    async () => {
      const dir = temporaryDir()
      const { receiver, pushUrl } = await startReceiver()
      const trigger = new LogWriter(dir, 'trigger')
      const others = Array.from({ length: 8 }, (_, i) => new LogWriter(dir, `other${i}`))
      const collector = await startChaos({
        config: `
          ${fileSource('gated', trigger.path, '[chaos.gate.one.receiver]')}
          chaos.gate "one" { forward_to = [loki.write.out.receiver] }
          ${fileSource('plain', `${dir}/other*.log`, '[loki.write.out.receiver]')}
          ${lokiWrite('out', pushUrl)}`,
        dir,
      })
      for (const writer of [trigger, ...others]) writer.flow(20)
      await untilFlowing(receiver, [trigger, ...others])
      trigger.say(`now ${word}`)
      await until(() => collector.process.output.includes(`obeying ${word}`), 'the component to misbehave')
      const before = arrivals(receiver).size
      await until(() => arrivals(receiver).size > before + 200, 'lines of the other lane')
      await until(async () => (await restarts(collector)).some((count) => count === 1), 'a new lane')
      for (const writer of [trigger, ...others]) writer.pause()
      await untilArrived(receiver, [trigger, ...others], 'every line')
      await untilBalanced(collector)
      expect((await restarts(collector)).toSorted((a, b) => a - b)).toEqual([0, 1])
    },
  )
}

test('a lane that spins from its first moment on is started again', { timeout: 60_000 }, async () => {
  const dir = temporaryDir()
  const { receiver, pushUrl } = await startReceiver()
  const writer = new LogWriter(dir, 'a')
  writer.write(10)
  const collector = await startChaos({
    config: `
      ${fileSource('logs', writer.path, '[chaos.gate.one.receiver]')}
      chaos.gate "one" {
        forward_to    = [loki.write.out.receiver]
        spin_at_start = true
      }
      ${lokiWrite('out', pushUrl)}`,
    dir,
  })
  await untilArrived(receiver, [writer], 'the lines')
  await untilBalanced(collector)
  expect((await restarts(collector)).toSorted((a, b) => a - b)).toEqual([0, 1])
})

test(
  'a collector that was frozen for longer than a lane may stall goes on with the same lanes',
  { timeout: 60_000 },
  async () => {
    const dir = temporaryDir()
    const { receiver, pushUrl } = await startReceiver()
    const writer = new LogWriter(dir, 'a')
    const collector = await startChaos({
      config: `${fileSource('logs', writer.path, '[loki.write.out.receiver]')}${lokiWrite('out', pushUrl)}`,
      dir,
    })
    writer.write(10)
    await untilArrived(receiver, [writer], 'the lines before')
    collector.process.child.kill('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, 7_000))
    collector.process.child.kill('SIGCONT')
    writer.write(10)
    await untilArrived(receiver, [writer], 'the lines after')
    await untilBalanced(collector)
    expect(await restarts(collector)).toEqual([0, 0])
  },
)
