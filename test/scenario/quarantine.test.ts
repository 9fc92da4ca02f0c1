/** Modules that fail again and again: quarantined, shown, and resumed by an operator. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { Collector } from '../servers/ingot.ts'
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

/** A folder that pins `@acme/moody`, and a pipeline through it. */
async function prepare(importBody: string) {
  const dir = temporaryDir()
  const registry = await TestRegistry.start(join(dir, 'registry'))
  await registry.publish(moodyDir)
  await registry.pin(dir, '@acme/moody', 'moody')
  await registry.stop()
  const { receiver, pushUrl } = await startReceiver()
  const writer = new LogWriter(dir, 'app')
  const config = `
    ${registry.block('@acme')}
    import.module "moody" {
      module  = "@acme/moody"
      version = "^1.0.0"
      ${importBody}
    }
    ${fileSource('app', writer.path, '[moody.pass.one.receiver]')}
    moody.pass "one" { forward_to = [loki.write.out.receiver] }
    ${lokiWrite('out', pushUrl)}`
  return { dir, receiver, writer, config }
}

/** Kills runners until control gives up on their module. */
async function killUntilQuarantined(collector: Collector): Promise<void> {
  await until(
    async () => {
      const children = readFileSync(`/proc/${collector.process.pid}/task/${collector.process.pid}/children`, 'utf8')
      for (const pid of children.split(' ').filter(Boolean)) process.kill(Number(pid), 'SIGKILL')
      const metrics = await collector.metrics()
      return metrics.includes('ingot_module_quarantined{component_id="moody.pass.one"} 1\n')
    },
    'the quarantine of the module',
    30_000,
  )
}

async function resume(collector: Collector, id = 'moody.pass.one', accept = '*/*'): Promise<number> {
  const url = `http://${collector.address}/api/v0/ingot/components/${id}/resume`
  return (await fetch(url, { method: 'POST', headers: { accept }, redirect: 'manual' })).status
}

async function health(collector: Collector): Promise<{ readonly state: string; readonly message: string }> {
  const answer = await collector.get('/api/v0/web/components/moody.pass.one')
  return ((await answer.json()) as { health: { state: string; message: string } }).health
}

const fates = { block: 'wait', drop: 'are dropped', bypass: 'go on as they came' } as const

for (const policy of ['block', 'drop', 'bypass'] as const) {
  test(
    `a quarantined module is shown everywhere; with "${policy}" its batches ${fates[policy]} until it is resumed`,
    {
      timeout: 60_000,
    },
    async () => {
      const { dir, receiver, writer, config } = await prepare(`on_quarantine = "${policy}"`)
      const collector = await startChaos({ config, dir })
      writer.write(100)
      await untilArrived(receiver, [writer], 'the lines before')
      await untilBalanced(collector)
      expect(await resume(collector)).toBe(409)
      await killUntilQuarantined(collector)
      await until(async () => (await health(collector)).state === 'unhealthy', 'bad health')
      expect((await health(collector)).message).toMatch(/quarantined \(killed 5 times within 300 s\)/)
      expect(collector.process.output).toMatch(
        /module quarantined: it is not started again.*component_id=moody.pass.one/,
      )
      expect(await collector.metrics()).toMatch(
        /ingot_runner_kills_total\{component_id="moody.pass.one",reason="killed"\} 5\n/,
      )
      const page = await (await collector.get('/component/moody.pass.one')).text()
      expect(page).toMatch(/quarantined<\/span>\s*killed 5 times/)
      expect(page).toContain('<button type="submit">Resume</button>')

      writer.write(50)
      if (policy === 'drop') {
        const dropped = async () => (await collector.component('moody.pass.one'))!.ledger
        await until(async () => (await dropped()).dropped === 50, 'dropped lines')
        expect((await dropped()).reasons).toEqual({ module_quarantined: 50 })
        writer.lines.splice(-50)
      }
      if (policy === 'bypass') await untilArrived(receiver, [writer], 'the lines that went around the module')
      else expect(arrivals(receiver).size).toBe(100)
      expect(await resume(collector, 'moody.pass.none')).toBe(404)
      expect(await resume(collector, 'moody.pass.one', 'text/html')).toBe(303)
      writer.write(100)
      await untilArrived(receiver, [writer], 'the lines after it was resumed')
      expect((await health(collector)).state).toBe('healthy')
      expect(await collector.metrics()).toContain('ingot_module_quarantined{component_id="moody.pass.one"} 0\n')
      await untilBalanced(collector)
    },
  )
}

test('a quarantine outlives a reload that starts the component anew', { timeout: 60_000 }, async () => {
  const { dir, receiver, writer, config } = await prepare('')
  const collector = await startChaos({ config, dir })
  writer.write(10)
  await untilArrived(receiver, [writer], 'the lines before')
  await untilBalanced(collector)
  await killUntilQuarantined(collector)
  collector.writeConfig(config.replace('version = "^1.0.0"', 'version = "^1.0.0"\nlimits { memory = "32MiB" }'))
  expect((await collector.reload()).status).toBe(200)
  await until(async () => /quarantined/.test((await health(collector)).message), 'the quarantine to be shown again')
  writer.write(10)
  expect(await resume(collector)).toBe(200)
  await untilArrived(receiver, [writer], 'the lines after it was resumed')
  await untilBalanced(collector)
})

test('a batch that is set aside is listed, and the limits of the import hold', { timeout: 60_000 }, async () => {
  const { dir, receiver, writer, config } = await prepare(
    'limits {\n turn_timeout = "1500ms"\n batch_deadline = "5s"\n}',
  )
  const collector = await startChaos({ config, dir })
  writer.write(10)
  await untilArrived(receiver, [writer], 'the lines before')
  await untilBalanced(collector)
  writer.say('please !loop')
  const quarantined = async () => (await collector.component('moody.pass.one'))!.ledger.quarantined
  await until(async () => (await quarantined()) === 1, 'a quarantined batch', 40_000)
  // The turn was not ended before the time that the import gives it.
  const endedAfter = [...collector.process.output.matchAll(/after (\d+) ms, \d+ ms of them with a CPU/g)]
  expect(endedAfter.length).toBeGreaterThanOrEqual(2)
  expect(endedAfter.every(([, ms]) => Number(ms) >= 1_450)).toBe(true)
  const metrics = await collector.metrics()
  expect(metrics).toMatch(/ingot_quarantined_batches_total\{component_id="moody.pass.one"[^}]*\} 1\n/)
  expect(metrics).toMatch(
    /ingot_isolate_losses_total\{component_id="moody.pass.one",reason="(timeout|starved)"\} [1-9]/,
  )
  expect(metrics).toMatch(
    /ingot_capability_uses_total\{component_id="loki.write.out",capability="http.request"\} [1-9]/,
  )
  const page = await (await collector.get('/component/moody.pass.one')).text()
  expect(page).toMatch(/Batches set aside<\/h3>\s*<p>\s*1\s+batch/)
  const [file] = /[^>]*\/quarantine\/[^<]*\.json/.exec(page)!
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ port: 'receiver', count: 1 })
  expect(readdirSync(join(dir, 'data/quarantine'))).toHaveLength(1)
})

test.each([
  ['on_quarantine = "skip"', /on_quarantine[\s\S]*"block"[\s\S]*"drop"[\s\S]*"bypass"/],
  ['limits { memory = "4MiB" }', /at least 8/],
  ['limits { cpu_share = 2 }', /at most 1/],
])('a configuration with %s is refused', { timeout: 30_000 }, async (body, message) => {
  const { dir, config } = await prepare(body)
  const collector = await Collector.launch({ config, dir })
  await until(() => !collector.process.running, 'the end of the collector')
  expect(collector.process.output).toMatch(message)
})
