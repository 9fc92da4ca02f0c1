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

test('reloads that rewire, start and stop components under load lose no line', { timeout: 60_000 }, async () => {
  const dir = temporaryDir()
  const a = await startReceiver()
  const b = await startReceiver()
  const writers = Array.from({ length: 4 }, (_, i) => new LogWriter(dir, `f${i}`))
  const source = (forwardTo: string) => fileSource('logs', `${dir}/*.log`, forwardTo)
  const configs = [
    `${source('[loki.write.a.receiver]')}${lokiWrite('a', a.pushUrl)}`,
    `${source('[loki.write.a.receiver, loki.write.b.receiver]')}${lokiWrite('a', a.pushUrl)}${lokiWrite('b', b.pushUrl)}`,
    `${source('[loki.process.steps.receiver]')}
      loki.process "steps" { forward_to = [chaos.gate.one.receiver] }
      chaos.gate "one" { forward_to = [loki.write.a.receiver] }
      ${lokiWrite('a', a.pushUrl)}`,
    `${source('[loki.process.steps.receiver]')}
      loki.process "steps" { forward_to = [loki.write.other.receiver] }
      ${lokiWrite('other', a.pushUrl)}`,
  ]
  const collector = await startChaos({ config: configs[0]!, dir })
  for (const writer of writers) writer.flow(20)
  for (let round = 1; round <= 8; round++) {
    const before = arrivals(a.receiver).size
    await until(() => arrivals(a.receiver).size > before + 300, `lines to arrive in round ${round}`)
    collector.writeConfig(configs[round % configs.length]!)
    expect(await collector.reload()).toMatchObject({ status: 200 })
  }
  for (const writer of writers) writer.pause()
  await untilArrived(a.receiver, writers, 'every line')
  await untilBalanced(collector)
})

test('a lane that dies while reloads go on comes back with what the last one wanted', { timeout: 60_000 }, async () => {
  const dir = temporaryDir()
  const { receiver, pushUrl } = await startReceiver()
  const writers = Array.from({ length: 4 }, (_, i) => new LogWriter(dir, `f${i}`))
  const config = (round: number) => `
    ${fileSource('logs', `${dir}/*.log`, '[loki.process.steps.receiver]')}
    loki.process "steps" {
      forward_to = [loki.write.out.receiver]
      stage.static_labels { values = { round = "${round}" } }
    }
    ${lokiWrite('out', pushUrl)}`
  const collector = await startChaos({ config: config(0), dir })
  for (const writer of writers) writer.flow(20)
  await until(() => arrivals(receiver).size > 300, 'the first lines')
  for (let round = 1; round <= 6; round++) {
    if (round % 2 === 0) collector.process.child.kill('SIGUSR2')
    collector.writeConfig(config(round))
    expect(await collector.reload()).toMatchObject({ status: 200 })
  }
  await until(
    async () => (await collector.live()).lanes.every(({ running, restarts }) => running && restarts > 0),
    'new lanes',
  )
  const seen = receiver.received.length
  const labels = (from: number) =>
    receiver
      .messages<{ streams: { labels: string }[] }>('lokiPush')
      .slice(from)
      .flatMap(({ streams }) => streams)
  await until(() => labels(seen).some((stream) => stream.labels.includes('round="6"')), 'lines with the last label')
  for (const writer of writers) writer.pause()
  await untilArrived(receiver, writers, 'every line')
  await untilBalanced(collector)
  expect((await collector.live()).components.filter(({ health }) => health !== 'healthy')).toEqual([])
})
