import { expect, test } from 'vitest'
import { until } from '../servers/process.ts'
import {
  arrivals,
  fileSource,
  lokiWrite,
  LogWriter,
  startIngot,
  startReceiver,
  temporaryDir,
  untilArrived,
  untilBalanced,
} from './log-pipeline.ts'

test(
  'a collector that is killed under load goes on where it stopped: no line is lost',
  { timeout: 60_000 },
  async () => {
    const dir = temporaryDir()
    const { receiver, pushUrl } = await startReceiver()
    const writers = Array.from({ length: 4 }, (_, i) => new LogWriter(dir, `f${i}`))
    const options = {
      config: `${fileSource('logs', `${dir}/*.log`, '[loki.write.out.receiver]')}${lokiWrite('out', pushUrl)}`,
      dir,
    }
    for (const writer of writers) writer.flow(50)
    for (let round = 0; round < 2; round++) {
      const collector = await startIngot(options)
      const before = arrivals(receiver).size
      await until(() => arrivals(receiver).size > before + 1_000, `lines to arrive in round ${round}`)
      await collector.stop('SIGKILL')
    }
    for (const writer of writers) writer.pause()
    const last = await startIngot(options)
    await untilArrived(receiver, writers, 'every line')
    await untilBalanced(last)
  },
)

test(
  'a collector stops within its deadlines while destinations are down, and sends the rest after the next start',
  { timeout: 60_000 },
  async () => {
    const dir = temporaryDir()
    let status = 200
    const { receiver, pushUrl } = await startReceiver({ status: () => status })
    const writers = [new LogWriter(dir, 'a'), new LogWriter(dir, 'b')]
    const options = {
      config: `
        ${fileSource('logs', `${dir}/*.log`, '[loki.write.one.receiver]')}
        ${lokiWrite('one', pushUrl)}`,
      dir,
      flags: ['--feature.component-shutdown-deadline=2s'],
    }
    const first = await startIngot(options)
    for (const writer of writers) writer.write(100)
    await untilArrived(receiver, writers, 'the first lines')
    status = 503
    for (const writer of writers) writer.write(100)
    await until(async () => (await first.component('loki.write.one'))!.ledger.in === 400, 'lines on their way')
    await first.stop()
    expect(first.process.child.exitCode).toBe(0)
    status = 200
    const second = await startIngot(options)
    await untilArrived(receiver, writers, 'the rest')
    expect([...arrivals(receiver).values()].every((count) => count === 1)).toBe(true)
    await untilBalanced(second)
  },
)
