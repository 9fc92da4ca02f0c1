/** `ingot module record` at a running collector, and `ingot module replay` of what it wrote. */
import { cpSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { Collector } from '../servers/ingot.ts'
import { ServerProcess, until } from '../servers/process.ts'
import { fileSource, lokiWrite, LogWriter, startIngot, startReceiver, temporaryDir } from './log-pipeline.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const main = join(root, 'cli/src/main.ts')
const id = 'wandering.wander.one'
const canary = 'canary-7d1f'

/** A pipeline through a module in a folder of its own. */
async function startWandering() {
  const dir = temporaryDir()
  const folder = join(dir, 'wandering')
  cpSync(fileURLToPath(new URL('testdata/wandering-module', import.meta.url)), folder, { recursive: true })
  const { pushUrl } = await startReceiver()
  const writer = new LogWriter(dir, 'app')
  const collector = await startIngot({
    dir,
    flags: [`--module=${folder}`],
    config: `
      ${fileSource('app', writer.path, `[${id}.receiver]`)}
      import.module "wandering" {
        module  = "@acme/wandering"
        version = "^1.0.0"
      }
      wandering.wander "one" {
        forward_to = [loki.write.out.receiver]
        token      = "${canary}"
      }
      ${lokiWrite('out', pushUrl)}`,
  })
  return { dir, folder, writer, collector, file: join(dir, 'wandering.rec') }
}

function ingot(...args: readonly string[]): ServerProcess {
  const child = new ServerProcess(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'module', ...args])
  onTestFinished(() => child.stop('SIGKILL'))
  return child
}

async function ended(child: ServerProcess): Promise<number | null> {
  await until(() => !child.running, 'the command to end', 60_000)
  return child.child.exitCode
}

function recordFrom(collector: Collector, file: string, ...flags: readonly string[]): ServerProcess {
  return ingot('record', id, `--output=${file}`, `--url=http://${collector.address}`, ...flags)
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0

async function replay(file: string, ...flags: readonly string[]) {
  const child = ingot('replay', file, ...flags)
  return { code: await ended(child), output: child.output }
}

test('a recorded component says the same again, and a changed one is shown', { timeout: 240_000 }, async () => {
  const { dir, folder, writer, collector, file } = await startWandering()
  writer.flow(3)
  const recording = recordFrom(collector, file, '--batches=5')
  expect([await ended(recording), recording.output]).toEqual([0, expect.stringContaining('it has all batches')])
  writer.pause()
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(readFileSync(file).includes(canary)).toBe(false)

  const same = await replay(file)
  expect([same.code, same.output]).toEqual([
    0,
    expect.stringMatching(/@acme\/wandering@1\.0\.0 wander: \d+ same, 0 different/),
  ])
  expect(same.output).toMatch(/✓ batch 1: \d+ turns, \d+ calls, \d+ records in, \d+ out: same/)

  // It waits for Enter, and standard input ends after the first.
  const stepped = await replay(file, '--step')
  expect([stepped.code, stepped.output]).toEqual([0, expect.stringMatching(/→ load \{[^]*1 same, 0 different/)])

  const source = join(folder, 'wander/component.ts')
  writeFileSync(source, readFileSync(source, 'utf8').replace('`${line} ', '`changed ${line} '))
  const changed = await replay(file, `--source=${folder}`)
  expect([changed.code, changed.output]).toEqual([1, expect.stringMatching(/✗ batch 1: .* different/)])
  expect(changed.output).toMatch(/expected: emit loki\.logs\n\s+\{.*"line":"app line/)
  expect(changed.output).toMatch(/found: {4}emit loki\.logs\n\s+\{.*"line":"changed app line/)

  const cut = join(dir, 'cut.rec')
  cpSync(file, cut)
  truncateSync(cut, sizeOf(cut) - 10)
  const part = await replay(cut, '--json')
  expect([part.code, part.output]).toEqual([0, expect.stringMatching(/damaged at byte \d+|is cut off/)])
  expect(part.output).toContain('"batch":1,"what":"deliver","same":true')
})

test('what is recorded before the collector is killed is whole', { timeout: 240_000 }, async () => {
  const { writer, collector, file } = await startWandering()
  writer.flow(3)
  const recording = recordFrom(collector, file, '--duration=10m')
  await until(() => sizeOf(file) > 150_000, 'some of the recording', 60_000)
  await collector.stop('SIGKILL')
  expect([await ended(recording), recording.output]).toEqual([1, expect.stringContaining('what came before is kept')])
  const part = await replay(file)
  expect([part.code, part.output]).toEqual([0, expect.stringMatching(/[1-9]\d* same, 0 different/)])
})

test('a recorded batch that ends its runner does so again', { timeout: 240_000 }, async () => {
  const { writer, collector, file } = await startWandering()
  const recording = recordFrom(collector, file, '--duration=10m')
  await until(() => sizeOf(file) > 0, 'the beginning of the recording', 60_000)
  writer.say('!loop')
  await until(async () => (await collector.component(id))?.ledger.quarantined === 1, 'the quarantine', 60_000)
  recording.child.kill('SIGINT')
  await ended(recording)
  const again = await replay(file)
  expect([again.code, again.output]).toEqual([0, expect.stringMatching(/the isolate is lost: timeout.*: same/)])
})

test('only who is on the machine may record, and only what is there', { timeout: 120_000 }, async () => {
  const { collector, dir } = await startWandering()
  const ask = async (component: string, headers = {}): Promise<number> => {
    const url = `http://${collector.address}/api/v0/ingot/recordings/${component}`
    return (await fetch(url, { method: 'POST', headers })).status
  }
  expect(await ask(id, { 'x-forwarded-for': '192.0.2.1' })).toBe(403)
  expect(await ask(id, { origin: 'http://evil.example' })).toBe(403)
  expect(await ask('no.such.thing')).toBe(404)
  expect(await ask('loki.write.out')).toBe(409)
  expect(await ask(`${id}?batches=0`)).toBe(400)
  const none = join(dir, 'none.rec')
  writeFileSync(none, 'something else')
  expect(await replay(none)).toEqual({ code: 1, output: expect.stringContaining('is not a recording of a module') })
})
