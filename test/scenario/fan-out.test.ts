import { expect, test } from 'vitest'
import { until } from '../servers/process.ts'
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

test(
  'a destination that is down stalls no other, and gets everything when it comes back, a restart between',
  { timeout: 60_000 },
  async () => {
    const dir = temporaryDir()
    let statusB = 503
    const a = await startReceiver()
    const b = await startReceiver({ status: () => statusB })
    const writers = Array.from({ length: 3 }, (_, i) => new LogWriter(dir, `f${i}`))
    const options = {
      config: `
        ${fileSource('logs', `${dir}/*.log`, '[loki.write.a.receiver, loki.process.steps.receiver]')}
        loki.process "steps" { forward_to = [loki.write.b.receiver] }
        ${lokiWrite('a', a.pushUrl)}
        ${lokiWrite('b', b.pushUrl)}`,
      dir,
      flags: ['--shutdown-ms=1000'],
    }
    const first = await startChaos(options)
    for (let round = 0; round < 5; round++) {
      for (const writer of writers) writer.write(200)
      await untilArrived(a.receiver, writers, `round ${round} at the healthy destination`)
    }
    const queued = async () => (await first.live()).edges.find(({ to }) => to === 'loki.write.b')!.queued
    await until(async () => (await queued()) === 3_000, 'the lines for the other destination on disk')
    await first.stop()
    expect(first.process.child.exitCode).toBe(0)
    const second = await startChaos(options)
    for (const writer of writers) writer.write(200)
    await untilArrived(a.receiver, writers, 'lines after the restart at the healthy destination')
    expect(arrivals(b.receiver).size).toBe(0)
    statusB = 200
    await untilArrived(b.receiver, writers, 'everything at the destination that was down')
    await untilBalanced(second)
    expect([...arrivals(a.receiver).values()].every((count) => count === 1)).toBe(true)
  },
)

test(
  'queues on disk in front of a dead destination outlive collectors that are killed under load',
  { timeout: 60_000 },
  async () => {
    const dir = temporaryDir()
    let statusB = 503
    const a = await startReceiver()
    const b = await startReceiver({ status: () => statusB })
    const writers = Array.from({ length: 3 }, (_, i) => new LogWriter(dir, `f${i}`))
    const options = {
      config: `
        ${fileSource('logs', `${dir}/*.log`, '[loki.write.a.receiver, loki.write.b.receiver]')}
        ${lokiWrite('a', a.pushUrl)}
        ${lokiWrite('b', b.pushUrl)}`,
      dir,
    }
    for (const writer of writers) writer.flow(20)
    for (let round = 0; round < 2; round++) {
      const collector = await startChaos(options)
      const before = arrivals(a.receiver).size
      await until(() => arrivals(a.receiver).size > before + 1_000, `lines to arrive in round ${round}`)
      await collector.stop('SIGKILL')
    }
    for (const writer of writers) writer.pause()
    expect(arrivals(b.receiver).size).toBe(0)
    statusB = 200
    const last = await startChaos(options)
    await untilArrived(a.receiver, writers, 'every line at the healthy destination')
    await untilArrived(b.receiver, writers, 'every line at the one that was down')
    await untilBalanced(last)
  },
)

test(
  'what waits on disk for a destination is delivered too when it becomes the only one',
  { timeout: 60_000 },
  async () => {
    const dir = temporaryDir()
    let statusB = 503
    const a = await startReceiver()
    const b = await startReceiver({ status: () => statusB })
    const writer = new LogWriter(dir, 'one')
    const both = `
      ${fileSource('logs', writer.path, '[loki.write.a.receiver, loki.write.b.receiver]')}
      ${lokiWrite('a', a.pushUrl)}
      ${lokiWrite('b', b.pushUrl)}`
    const onlyB = `
      ${fileSource('logs', writer.path, '[loki.write.b.receiver]')}
      ${lokiWrite('b', b.pushUrl)}`
    const collector = await startChaos({ config: both, dir })
    writer.write(500)
    await untilArrived(a.receiver, [writer], 'the lines at the healthy destination')
    collector.writeConfig(onlyB)
    expect(await collector.reload()).toMatchObject({ status: 200 })
    writer.write(500)
    statusB = 200
    await untilArrived(b.receiver, [writer], 'every line at the other one')
    await untilBalanced(collector)
  },
)
