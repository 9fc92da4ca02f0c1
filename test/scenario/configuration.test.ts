import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Collector } from '../servers/ingot.ts'
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
  untilFlowing,
} from './log-pipeline.ts'

/** One of every kind of mistake, each on a line of its own. */
const wrong = `
loki.write "main" {
  endpoint { url = "http://127.0.0.1:1/loki/api/v1/push" }
  max_stream = 1
}
loki.source.file "port" {
  targets    = []
  forward_to = [otelcol.exporter.debug.traces.input]
}
loki.source.file "missing" {
  targets    = []
  forward_to = [loki.write.nowhere.receiver]
}
loki.process "a" { forward_to = [loki.process.b.receiver] }
loki.process "b" { forward_to = [loki.process.a.receiver] }
otelcol.exporter.debug "traces" {}
loki.write "not-a-label" {
  endpoint { url = "http://127.0.0.1:1/loki/api/v1/push" }
}
`

/** Of each mistake: the code, and the line that it stands on. */
const mistakes = [
  ['unknown-argument', 4],
  ['wrong-port-type', 8],
  ['missing-reference', 12],
  ['cycle', 14],
  ['unstable-feature', 16],
  ['invalid-label', 17],
] as const

function expectEveryMistake(text: string, path: string): void {
  for (const [code, line] of mistakes) {
    const at = text.split('\n').findIndex((one) => one.startsWith(`${path}:${line}:`))
    expect(at, `an error in line ${line} in:\n${text}`).toBeGreaterThanOrEqual(0)
    const excerpt = text.split('\n').slice(at, at + 4)
    expect(excerpt[0]).toMatch(new RegExp(`:${line}:\\d+: error\\[${code}\\]: Cannot `))
    expect(excerpt[1]).toMatch(new RegExp(`^ *${line} \\| `))
    expect(excerpt[2]).toMatch(/^ *\| +\^/)
  }
  expect(text).toContain('hint: did you mean "max_streams"?')
  const lines = [...text.matchAll(/^\S+:(\d+):\d+: error\[/gm)].map(([, line]) => Number(line))
  expect(lines).toEqual(mistakes.map(([, line]) => line))
}

test('a wrong configuration prints every error at once and exits with 1', { timeout: 60_000 }, async () => {
  const collector = await Collector.launch({ config: wrong, dir: temporaryDir() })
  onTestFinished(() => collector.stop('SIGKILL'))
  await until(() => !collector.process.running, 'the program to end')
  expect(collector.process.child.exitCode).toBe(1)
  expectEveryMistake(collector.process.output, collector.configPath)
})

test(
  'a reload changes nothing when the configuration is wrong, and only what differs when it holds',
  { timeout: 60_000 },
  async () => {
    const dir = temporaryDir()
    const { receiver, pushUrl } = await startReceiver()
    const writers = [new LogWriter(dir, 'a'), new LogWriter(dir, 'b')]
    const good = (extra: string) => `
      ${fileSource('logs', `${dir}/*.log`, '[loki.process.steps.receiver]')}
      loki.process "steps" {
        forward_to = [loki.write.out.receiver]
        ${extra}
      }
      ${lokiWrite('out', pushUrl)}`
    const collector = await startIngot({ config: good(''), dir })
    for (const writer of writers) writer.flow(20)
    await untilFlowing(receiver, writers)
    const running = async () =>
      (await collector.live()).components.map(({ id, health, ledger }) => ({
        id,
        health,
        began: ledger.in + ledger.created > 0,
      }))
    const before = await running()

    collector.writeConfig(wrong)
    const refused = await collector.reload()
    expect(refused.status).toBe(400)
    expectEveryMistake(refused.text, join(dir, 'config.alloy'))
    expect(await running()).toEqual(before)
    const soFar = arrivals(receiver).size
    await until(() => arrivals(receiver).size > soFar + 500, 'lines after the refused reload')

    collector.writeConfig(good('stage.static_labels { values = { stage = "new" } }'))
    const taken = await collector.reload()
    expect(taken).toMatchObject({ status: 200 })
    expect(taken.text).toContain('1 updated, 0 started, 0 stopped, 3 untouched')
    const labels = () => receiver.messages<{ streams: { labels: string }[] }>('lokiPush').at(-1)!.streams[0]!.labels
    await until(() => labels().includes('stage="new"'), 'lines with the new label')
    for (const writer of writers) writer.pause()
    await untilArrived(receiver, writers, 'every line')
    // Positions and queues were kept: no line was read twice.
    expect([...arrivals(receiver).values()].every((count) => count === 1)).toBe(true)
    await untilBalanced(collector)
  },
)
