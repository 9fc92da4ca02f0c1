/** What a collector tells of a module: its capabilities, its runner, what it failed with, and whether it is degraded. */
import { execFile } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { InstanceJson } from '@ingot/engine'
import { expect, test } from 'vitest'
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
const cli = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url))
const id = 'moody.pass.one'

test(
  'a module that fails with more than a fifth of its batches is degraded, everywhere and until it fails no more',
  { timeout: 120_000 },
  async () => {
    const dir = temporaryDir()
    const registry = await TestRegistry.start(join(dir, 'registry'))
    await registry.publish(moodyDir)
    await registry.pin(dir, '@acme/moody', 'moody')
    await registry.stop()
    const { receiver, pushUrl } = await startReceiver()
    const writer = new LogWriter(dir, 'app')
    const collector = await startChaos({
      config: `
        ${registry.block('@acme')}
        import.module "moody" {
          module  = "@acme/moody"
          version = "^1.0.0"
          limits {
            cpu_share    = 1
            turn_timeout = "2s"
          }
        }
        ${fileSource('app', writer.path, `[${id}.receiver]`)}
        moody.pass "one" { forward_to = [loki.write.out.receiver] }
        ${lokiWrite('out', pushUrl)}`,
      dir,
    })
    const facts = async () => (await (await collector.get(`/api/v0/ingot/components/${id}`)).json()) as InstanceJson
    const degraded = async () => (await collector.metrics()).includes(`ingot_module_degraded{component_id="${id}"} 1\n`)
    const dropped = async () => (await collector.component(id))!.ledger.dropped
    writer.write(10)
    await untilArrived(receiver, [writer], 'the lines before')
    expect(await degraded()).toBe(false)

    for (let failed = 1; failed <= 6; failed++) {
      writer.say('please !throw')
      await until(async () => (await dropped()) === failed, `${failed} dropped lines`)
    }
    writer.lines.splice(-6)
    await until(degraded, 'the degraded state')
    const found = await facts()
    expect(found.health).toMatchObject({ state: 'unhealthy', message: expect.stringMatching(/^degraded: it failed/) })
    expect(found.runner).toMatchObject({ degraded: true, usage: { shared: [], pid: expect.any(Number) } })
    expect(found.runner!.usage!.residentBytes).toBeGreaterThan(10 * 2 ** 20)
    expect(found.runner!.deadLetters.newest[0]).toMatchObject({
      count: 1,
      reason: expect.stringContaining('a line asked'),
    })
    expect(readdirSync(join(dir, 'data/dead-letter'))).toHaveLength(1)
    expect(collector.process.output).toMatch(/module degraded.*component_id=moody.pass.one/)
    expect(await (await collector.get(`/component/${id}`)).text()).toMatch(/degraded<\/span>/)

    process.kill(found.runner!.usage!.pid, 'SIGKILL')
    await until(async () => (await facts()).runner!.events.length === 1, 'the end of the runner to be told')
    expect((await facts()).runner!.events).toMatchObject([{ what: 'runner', reason: 'killed', shared: [] }])
    const { stdout } = await promisify(execFile)(process.execPath, [
      cli,
      'module',
      'inspect',
      id,
      '--url',
      `http://${collector.address}`,
    ])
    expect(stdout).toMatch(/^moody\.pass\.one {2}@acme\/moody@1\.\d+\.\d+, in a runner\n/)
    expect(stdout).toMatch(/runner ended: killed/)

    await until(
      async () => {
        writer.write(1)
        await untilArrived(receiver, [writer], 'a good line')
        return !(await degraded())
      },
      'the recovery',
      60_000,
    )
    expect((await facts()).health.state).toBe('healthy')
    await untilBalanced(collector)
  },
)
