/** The worst of the hostile cases in pipelines of a real collector, beside a pipeline that must not notice. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { Collector } from '../../servers/ingot.ts'
import { until } from '../../servers/process.ts'
import { TestRegistry } from '../../servers/registry.ts'
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
} from '../log-pipeline.ts'

const attacks: Readonly<Record<string, string>> = {
  loop: 'for (;;) {}',
  microtasks: 'const again = () => Promise.resolve().then(again); await again()',
  regexp: "/^(a+)+$/.test('a'.repeat(40) + 'b')",
  builtin: 'Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)',
  maps: 'const map = new Map(); for (let i = 0; ; i++) map.set(i, i)',
  text: "JSON.parse('[' + '[],'.repeat(2e7) + '[]]')",
  spread: "[...'.'.repeat(5e8)]",
  getter: 'throw { get message() { for (;;) {} } }',
  never: 'await new Promise(() => {})',
  output:
    'const arena = new Uint8Array(1 << 24); throw await args.forward_to.emit({ ...batch, arena, ends: new Uint32Array([arena.length]) })',
}
const atOnce = 2

async function prepare() {
  const dir = temporaryDir()
  const registry = await TestRegistry.start(join(dir, 'registry'))
  await registry.publish(fileURLToPath(new URL('../testdata/hostile-module', import.meta.url)))
  await registry.pin(dir, '@acme/hostile', 'hostile')
  await registry.stop()
  const { receiver, pushUrl } = await startReceiver()
  const victims = Object.keys(attacks).map((name) => new LogWriter(dir, name))
  const good = new LogWriter(dir, 'good')
  const pipelines = Object.entries(attacks).map(
    ([name, code], i) => `
      ${fileSource(name, victims[i]!.path, `[hostile.pass.${name}.receiver]`)}
      hostile.pass "${name}" {
        attack     = ${JSON.stringify(code)}
        forward_to = [loki.write.out.receiver]
      }`,
  )
  const collector = await startIngot({
    config: `
      ${registry.block('@acme')}
      import.module "hostile" {
        module  = "@acme/hostile"
        version = "^1.0.0"
        limits {
          cpu_share      = 1
          batch_deadline = "2s"
        }
      }
      ${pipelines.join('\n')}
      ${fileSource('good', good.path, '[loki.write.out.receiver]')}
      ${lokiWrite('out', pushUrl)}`,
    dir,
    flags: ['--lanes=1'],
  })
  return { collector, receiver, victims, good }
}

/** How many batches the component has lost, to whatever end. */
async function lost(collector: Collector, name: string): Promise<number> {
  const { dropped, quarantined } = (await collector.component(`hostile.pass.${name}`))!.ledger
  return dropped + quarantined
}

test('ten hostile modules cost their own batches and nothing else', { timeout: 180_000 }, async () => {
  const { collector, receiver, victims, good } = await prepare()
  for (const victim of victims) victim.write(1)
  await untilArrived(receiver, victims, 'the lines before')
  good.flow(1)
  const names = Object.keys(attacks)
  for (let at = 0; at < names.length; at += atOnce) {
    const before = arrivals(receiver).size
    for (const victim of victims.slice(at, at + atOnce)) victim.say('poison')
    const done = async (): Promise<boolean> =>
      (await Promise.all(names.slice(at, at + atOnce).map((name) => lost(collector, name)))).every(
        (records) => records === 1,
      )
    await until(done, `${names.slice(at, at + atOnce).join(' and ')} to lose their batches`)
    // The pipeline beside them flowed on meanwhile.
    await until(() => arrivals(receiver).size > before, 'lines of the good pipeline')
  }
  good.pause()
  for (const victim of victims) {
    victim.lines.pop()
    victim.write(1)
  }
  await untilArrived(receiver, [...victims, good], 'the lines after')
  await untilBalanced(collector)
  expect(arrivals(receiver).has('poison')).toBe(false)
  expect((await collector.live()).lanes.map(({ restarts }) => restarts)).toEqual([0])
  expect(collector.process.running).toBe(true)
})
