/** Components of one scope that share a runner, in a collector. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Collector } from '../servers/ingot.ts'
import { until } from '../servers/process.ts'
import { TestRegistry } from '../servers/registry.ts'
import {
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

/** Runners of a collector: all that it spawns, and a blank one is always among them once one is used. */
function runners(collector: Collector): readonly string[] {
  const { pid } = collector.process
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
}

test(
  'components with isolation = "group" share a process, which one more joins on a reload, and which ends for all',
  { timeout: 90_000 },
  async () => {
    const dir = temporaryDir()
    const registry = await TestRegistry.start(join(dir, 'registry'))
    await registry.publish(moodyDir)
    await registry.pin(dir, '@acme/moody', 'moody')
    await registry.stop()
    const { receiver, pushUrl } = await startReceiver()
    const names = ['one', 'two', 'three']
    const writers = names.map((name) => new LogWriter(dir, name))
    const config = (count: number): string => `
      ${registry.block('@acme')}
      import.module "moody" {
        module    = "@acme/moody"
        version   = "^1.0.0"
        isolation = "group"
        limits {
          cpu_share      = 1
          turn_timeout   = "1s"
          batch_deadline = "30s"
        }
      }
      ${names
        .slice(0, count)
        .map(
          (name, i) => `
            ${fileSource(name, writers[i]!.path, `[moody.pass.${name}.receiver]`)}
            moody.pass "${name}" { forward_to = [loki.write.out.receiver] }`,
        )
        .join('\n')}
      ${lokiWrite('out', pushUrl)}`
    const collector = await startChaos({ config: config(2), dir })
    const [one, two] = writers
    for (const writer of [one!, two!]) writer.write(50)
    await untilArrived(receiver, [one!, two!], 'the lines of both')
    await until(() => runners(collector).length === 2, 'one runner and a blank one')
    const [shared] = runners(collector)

    collector.writeConfig(config(3))
    expect((await collector.reload()).status).toBe(200)
    for (const writer of writers) writer.write(50)
    await untilArrived(receiver, writers, 'the lines of all three')
    expect(runners(collector)).toHaveLength(2)
    expect(runners(collector)).toContain(shared)

    one!.say('please !loop')
    for (const writer of writers.slice(1)) writer.write(50)
    const quarantined = async (name: string) => (await collector.component(`moody.pass.${name}`))!.ledger.quarantined
    await until(async () => (await quarantined('one')) > 0, 'a quarantined batch', 30_000)
    await untilArrived(receiver, writers.slice(1), 'the lines of the others')
    for (const pid of runners(collector)) process.kill(Number(pid), 'SIGKILL')
    for (const writer of writers.slice(1)) writer.write(50)
    await untilArrived(receiver, writers.slice(1), 'the lines after the end of the runner')
    await untilBalanced(collector)
    expect([await quarantined('two'), await quarantined('three')]).toEqual([0, 0])
  },
)
