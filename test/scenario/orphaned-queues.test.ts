/** Queues on disk whose sender was renamed or sends elsewhere: found, shown, and sent on; never forgotten. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Collector } from '../servers/ingot.ts'
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

interface Orphan {
  readonly from: string
  readonly to: string
  readonly adopted: boolean
  readonly records: number
}
const orphans = async (collector: Collector): Promise<readonly Orphan[]> =>
  ((await collector.live()) as unknown as { orphans: readonly Orphan[] }).orphans

/** A source that spills in front of two sinks, of which `dead` answers nobody for now. */
async function spilled() {
  const dir = temporaryDir()
  const alive = await startReceiver()
  let status = 503
  const dead = await startReceiver({ status: () => status })
  const writer = new LogWriter(dir, 'app')
  const both = '[loki.write.alive.receiver, loki.write.dead.receiver]'
  const sinks = lokiWrite('alive', alive.pushUrl) + lokiWrite('dead', dead.pushUrl)
  const config = (label: string, to = both, rest = sinks): string => `
    ${fileSource('files', writer.path, `[loki.process.${label}.receiver]`)}
    loki.process "${label}" { forward_to = ${to} }
    ${rest}`
  const collector = await startChaos({ config: config('former'), dir })
  writer.write(2_000)
  await untilArrived(alive.receiver, [writer], 'every line at the sink that works')
  const mend = (): void => {
    status = 200
  }
  return { dir, alive, dead, writer, config, collector, mend, alone: lokiWrite('alive', alive.pushUrl) }
}

const queues = (dir: string): string[] =>
  existsSync(join(dir, 'data/edges')) ? readdirSync(join(dir, 'data/edges')) : []

test('a queue of a renamed sender is sent on after kill -9', { timeout: 90_000 }, async () => {
  const { dir, dead, writer, config, collector, mend } = await spilled()
  await collector.stop('SIGKILL')
  const next = await startChaos({ config: config('renamed'), dir })
  const from = 'loki.process.former'
  await until(async () => (await orphans(next)).some((one) => one.to === 'loki.write.dead'), 'the queue to be found')
  const found = (await orphans(next)).find(({ to }) => to === 'loki.write.dead')!
  expect(found).toMatchObject({ from, to: 'loki.write.dead', adopted: true })
  expect(found.records).toBeGreaterThan(0)
  expect(await next.metrics()).toMatch(
    /ingot_orphaned_edge_records\{from="loki\.process\.former",to="loki\.write\.dead",.*adopted="true"\} \d+/,
  )
  expect(await (await next.get('/')).text()).toContain('they are sent on')
  expect(next.process.output).toContain('records of a sender that is no longer configured are sent on')
  mend()
  await untilArrived(dead.receiver, [writer], 'every line at the sink that was dead')
  await until(async () => (await orphans(next)).length === 0, 'the empty queue to be gone')
  await untilBalanced(next)
  expect(queues(dir)).toHaveLength(2)
})

test('a queue that a reload leaves without a sender goes back to it when it returns', { timeout: 90_000 }, async () => {
  const { dead, writer, config, collector, mend } = await spilled()
  for (const label of ['renamed', 'former', 'renamed']) {
    collector.writeConfig(config(label))
    expect(await collector.reload()).toMatchObject({ status: 200 })
    const left = (await orphans(collector)).map(({ from }) => from)
    expect(left).not.toContain(`loki.process.${label}`)
    writer.write(100)
  }
  // Whoever adopted a queue dies with its lane: another lane's instance takes it again.
  for (const lane of [0, 1]) {
    // One after the other: two signals that are not yet taken are one.
    collector.process.child.kill('SIGUSR2')
    const isBack = async (): Promise<boolean> => {
      const { running, restarts } = (await collector.live()).lanes[lane]!
      return running && restarts > 0
    }
    await until(isBack, `lane ${lane} to be back`)
  }
  mend()
  await untilArrived(dead.receiver, [writer], 'every line at the sink that was dead')
  await untilBalanced(collector)
  await until(async () => (await orphans(collector)).length === 0, 'no queue to be left')
})

test('a queue whose destination is gone waits for it on disk', { timeout: 90_000 }, async () => {
  const { dead, writer, config, collector, mend, alone } = await spilled()
  collector.writeConfig(config('former', '[loki.write.alive.receiver]', alone))
  expect(await collector.reload()).toMatchObject({ status: 200 })
  expect(await orphans(collector)).toMatchObject([{ to: 'loki.write.dead', adopted: false }])
  expect(await (await collector.get('/')).text()).toContain('they wait until it runs')
  mend()
  collector.writeConfig(config('other'))
  expect(await collector.reload()).toMatchObject({ status: 200 })
  await untilArrived(dead.receiver, [writer], 'every line at the sink that is back')
  await untilBalanced(collector)
  await until(
    async () => arrivals(dead.receiver).size > 0 && (await orphans(collector)).length === 0,
    'no queue to be left',
  )
})
