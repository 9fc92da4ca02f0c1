/** Reloads that fail half-way: what ran before goes on as it was, in every lane and with every record. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
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

/** A pipeline under load that goes through `chaos.changer.one`, and its configuration with other blocks beside. */
async function pipeline(first: string, flags: readonly string[] = []) {
  const dir = temporaryDir()
  const { receiver, pushUrl } = await startReceiver()
  const writers = Array.from({ length: 4 }, (_, i) => new LogWriter(dir, `f${i}`))
  const config = (changer: string, beside = ''): string => `
    ${fileSource('logs', `${dir}/*.log`, '[loki.process.steps.receiver]')}
    loki.process "steps" { forward_to = [chaos.changer.one.receiver] }
    chaos.changer "one" {
      forward_to = [loki.write.out.receiver]
      ${changer}
    }
    ${lokiWrite('out', pushUrl)}
    ${beside}`
  const collector = await startChaos({ config: config('value = "a"', first), dir, flags })
  for (const writer of writers) writer.flow(20)
  await until(() => arrivals(receiver).size > 300, 'the first lines')
  const settle = async (): Promise<void> => {
    for (const writer of writers) writer.pause()
    await untilArrived(receiver, writers, 'every line')
    await untilBalanced(collector)
  }
  return { dir, receiver, collector, config, settle }
}

/** The value that the instance of each lane has taken last. */
function taken(collector: Collector): Record<string, string> {
  const said = collector.process.output.matchAll(/msg="?has taken"? .*?in=(\d) value=(\w+)/g)
  return Object.fromEntries([...said].map(([, lane, value]) => [lane, value]))
}

const ids = async (collector: Collector): Promise<string[]> =>
  (await collector.live()).components.map(({ id }) => id).toSorted()
const unhealthy = async (collector: Collector) =>
  (await collector.live()).components.filter(({ health }) => health !== 'healthy')

test(
  'what one lane refuses is taken back in the others, and nothing beside it changes',
  { timeout: 60_000 },
  async () => {
    const gone = 'loki.process "gone" { forward_to = [] }'
    const come = 'loki.process "come" { forward_to = [] }'
    const { receiver, collector, config, settle } = await pipeline(gone)
    const before = await ids(collector)
    for (const lane of [1, 0]) {
      collector.writeConfig(config(`value = "b${lane}"\nrefuse_in = ${lane}`, come))
      const { status, text } = await collector.reload()
      expect(status).toBe(400)
      expect(text).toContain('Cannot apply the configuration: chaos.changer.one: refused by the component')
      expect(taken(collector)).toEqual({ 0: 'a', 1: 'a' })
      expect(await ids(collector)).toEqual(before)
      expect(await unhealthy(collector)).toEqual([])
      expect(await (await collector.get('/')).text()).toContain('What runs is the one before it')
    }
    expect(await collector.metrics()).toMatch(/^alloy_config_last_load_successful 0$/m)
    await settle()
    expect([...arrivals(receiver).values()].filter((times) => times !== 1)).toEqual([])

    collector.writeConfig(config('value = "c"', come))
    expect((await collector.reload()).text).toContain('\n1 updated, 1 started, 1 stopped, 4 untouched\n')
    await until(() => Object.values(taken(collector)).join('') === 'cc', 'the new value in both lanes')
  },
)

test(
  'a component that its own schema refuses is told at its place, before anything is touched',
  { timeout: 60_000 },
  async () => {
    const { collector, config, settle } = await pipeline('')
    collector.writeConfig(config('value = "unfit"', 'loki.process "come" { forward_to = [] }'))
    const { status, text } = await collector.reload()
    expect(status).toBe(400)
    expect(text).toMatch(
      /:\d+:\d+: error\[invalid-value\]: Cannot use chaos\.changer: value: the component does not like it/,
    )
    // Nobody was asked to take anything.
    expect(collector.process.output.match(/has taken/g)).toHaveLength(2)
    expect(await ids(collector)).not.toContain('loki.process.come')
    await settle()
  },
)

test(
  'a component that cannot be opened takes the reload back, and what was stopped runs again',
  { timeout: 60_000 },
  async () => {
    const { dir, collector, config, settle } = await pipeline('loki.process "gone" { forward_to = [] }')
    const before = await ids(collector)
    // A file lies where the component's folder would be.
    mkdirSync(join(dir, 'data'), { recursive: true })
    writeFileSync(join(dir, 'data', 'chaos.gate.blocked'), '')
    collector.writeConfig(config('value = "b"', 'chaos.gate "blocked" { forward_to = [chaos.changer.one.receiver] }'))
    const { status, text } = await collector.reload()
    expect(status).toBe(400)
    expect(text).toContain('chaos.gate.blocked: ')
    expect(taken(collector)).toEqual({ 0: 'a', 1: 'a' })
    expect(await ids(collector)).toEqual(before)
    expect(await unhealthy(collector)).toEqual([])
    await settle()
  },
)

test(
  'a lane that dies in the middle of a reload comes back with what the reload came to',
  { timeout: 60_000 },
  async () => {
    const { collector, config, settle } = await pipeline('')
    const restarts = async (): Promise<number> =>
      (await collector.live()).lanes.reduce((sum, lane) => sum + lane.restarts, 0)
    // The other lane takes the value, so it stands.
    collector.writeConfig(config('value = "b"\nspin_in = 1'))
    expect(await collector.reload()).toMatchObject({ status: 200 })
    await until(async () => (await restarts()) === 1 && (await unhealthy(collector)).length === 0, 'the new lane')
    expect(taken(collector)).toEqual({ 0: 'b', 1: 'b' })
    // The other lane refuses while this one dies: neither has it then.
    collector.writeConfig(config('value = "c"\nspin_in = 0\nrefuse_in = 1'))
    expect(await collector.reload()).toMatchObject({ status: 400 })
    await until(async () => (await restarts()) === 2 && (await unhealthy(collector)).length === 0, 'the newer lane')
    expect(taken(collector)).toEqual({ 0: 'b', 1: 'b' })
    await settle()
  },
)

test('--reload.partial takes over what holds and leaves the rest as it was', { timeout: 60_000 }, async () => {
  const { collector, config, settle } = await pipeline('loki.process "gone" { forward_to = [] }', ['--reload.partial'])
  collector.writeConfig(config('value = "b"\nrefuse_in = 1', 'loki.process "come" { forward_to = [] }'))
  const { status, text } = await collector.reload()
  expect(status).toBe(400)
  expect(text).toContain('config reloaded in part\n0 updated, 1 started, 1 stopped, 4 untouched\n')
  expect(taken(collector)).toEqual({ 0: 'a', 1: 'a' })
  expect(await ids(collector)).toEqual(expect.arrayContaining(['loki.process.come']))
  expect(await unhealthy(collector)).toMatchObject([
    { id: 'chaos.changer.one', health: 'unhealthy', message: 'component evaluation failed: refused by the component' },
  ])
  await settle()
})

test(
  'runners that die in the middle of a reload come back with what the reload came to',
  { timeout: 60_000 },
  async () => {
    const { dir, receiver, writer, moody, sink } = await moodyPipeline()
    const config = (target: string): string => `
    ${moody}
    ${fileSource('app', writer.path, '[moody.pass.one.receiver]')}
    moody.pass "one" { forward_to = [${target}] }
    loki.process "way" { forward_to = [loki.write.out.receiver] }
    ${sink}`
    const collector = await startChaos({ config: config('loki.write.out.receiver'), dir })
    writer.flow(20)
    await until(() => arrivals(receiver).size > 200, 'the first lines')
    let runs = 'loki.write.out.receiver'
    // Two: after five deaths the module would be quarantined.
    for (let round = 1; round <= 2; round++) {
      const wanted = runs === 'loki.process.way.receiver' ? 'loki.write.out.receiver' : 'loki.process.way.receiver'
      collector.writeConfig(config(wanted))
      const answer = collector.reload()
      killChildren(collector)
      const { status, text } = await answer
      // One that dies with the new arguments in its hands may not bear them: then everything is as it was.
      if (status === 200) runs = wanted
      else expect(text).toMatch(/^Cannot apply the configuration: moody\.pass\.one: /)
      const details = await (await collector.get('/api/v0/web/components/moody.pass.one')).text()
      expect(details).toContain(`"dataFlowEdgesTo":["${runs.replace('.receiver', '')}"]`)
      const before = arrivals(receiver).size
      await until(() => arrivals(receiver).size > before + 100, `lines after reload ${round}`)
    }
    writer.pause()
    await untilArrived(receiver, [writer], 'every line')
    await untilBalanced(collector)
  },
)

/** A folder that pins `@acme/moody`, the blocks that import it, and what is around a pipeline through it. */
async function moodyPipeline() {
  const dir = temporaryDir()
  const registry = await TestRegistry.start(join(dir, 'registry'))
  await registry.publish(fileURLToPath(new URL('testdata/moody-module', import.meta.url)))
  await registry.pin(dir, '@acme/moody', 'moody')
  await registry.stop()
  const { receiver, pushUrl } = await startReceiver()
  const moody = `${registry.block('@acme')}
    import.module "moody" {
      module  = "@acme/moody"
      version = "^1.0.0"
    }`
  return { dir, receiver, writer: new LogWriter(dir, 'app'), moody, sink: lokiWrite('out', pushUrl) }
}

function killChildren({ process: { pid } }: Collector): void {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)
  expect(children).not.toEqual([])
  for (const child of children) process.kill(Number(child), 'SIGKILL')
}
