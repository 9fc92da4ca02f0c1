import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { Collector } from '../servers/ingot.ts'
import { until } from '../servers/process.ts'
import {
  arrivals,
  fileSource,
  lokiWrite,
  LogWriter,
  startReceiver,
  temporaryDir,
  untilArrived,
  untilBalanced,
} from './log-pipeline.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const keep = '.includes(args.containing)'

/** A transform from its template, run by `ingot module dev` between a file and a receiver. */
async function startDev() {
  const dir = temporaryDir()
  const folder = join(dir, 'made')
  cpSync(join(root, 'cli/templates/transform'), folder, { recursive: true })
  const { receiver, pushUrl } = await startReceiver()
  const app = new LogWriter(dir, 'app')
  const collector = await Collector.start({
    dir,
    program: [join(root, 'cli/src/main.ts'), 'module', 'dev'],
    flags: [`--module=${folder}`],
    config: `
      ${fileSource('logs', app.path, '[my_module.keep.lines.receiver]')}
      import.module "my_module" {
        module  = "@my-team/my-module"
        version = "^0.1.0"
      }
      my_module.keep "lines" {
        containing = "line"
        forward_to = [loki.write.out.receiver]
      }
      ${lokiWrite('out', pushUrl)}`,
  })
  onTestFinished(() => collector.stop('SIGKILL'))
  const component = join(folder, 'keep/component.ts')
  const source = readFileSync(component, 'utf8')
  const said = (text: string, times = 1) =>
    until(() => collector.process.output.split(text).length > times, text, 30_000).catch((error: unknown) => {
      throw new Error(`${(error as Error).message}\n${collector.process.output}`)
    })
  return { collector, receiver, app, component, source, said }
}

test('module dev swaps code in a flowing pipeline and loses nothing', { timeout: 120_000 }, async () => {
  const { collector, receiver, app, component, source, said } = await startDev()
  app.flow(20)
  for (let round = 1; round <= 3; round++) {
    await until(() => arrivals(receiver).size > round * 200, 'lines to flow')
    writeFileSync(component, source.replace(keep, `${keep} || lines[index] === 'round ${round}'`))
    await said('changed: 0 updated, 1 started, 0 stopped, 3 untouched', round)
  }
  app.pause()
  await untilArrived(receiver, [app], 'every line')
  await untilBalanced(collector)
  expect((await collector.component('my_module.keep.lines'))?.ledger).toMatchObject({ dropped: 0, quarantined: 0 })
  await collector.stop()
  expect(collector.process.output).not.toMatch(/level=error/)
})

test('module dev shows where a build fails, and what ran goes on', { timeout: 120_000 }, async () => {
  const { receiver, app, component, source, said } = await startDev()
  writeFileSync(component, source.replace('const lines', 'const const lines'))
  await said('the former code goes on')
  await said('keep/component.ts:17:13')
  app.write(5)
  await untilArrived(receiver, [app], 'lines through the former code')
  writeFileSync(component, source.replace("name: 'keep'", "name: 'kept'"))
  await said('nothing is taken over')
  await said('error[unknown-component]')
  app.write(5)
  await untilArrived(receiver, [app], 'lines through the code before that')
})

test('an error in a runner shows its place in the TypeScript source', { timeout: 120_000 }, async () => {
  const { collector, app, component, source, said } = await startDev()
  const lines = source.split('\n')
  const at = lines.findIndex((line) => line.includes('const lines'))
  const throwing = "if (batch.count > 0) throw new Error('cannot take it' as string)"
  writeFileSync(component, lines.toSpliced(at, 0, throwing).join('\n'))
  await said('0 updated, 1 started')
  app.write(1)
  await said('cannot take it')
  await said(`at=keep/component.ts:${at + 1}:`)
  expect(collector.process.output).not.toMatch(/module\.mjs:\d/)
})

test('an error that ends a component shows its place in the TypeScript source', { timeout: 120_000 }, async () => {
  const { component, source, said } = await startDev()
  const lines = source.split('\n')
  const at = lines.findIndex((line) => line.includes("receive('receiver'"))
  const throwing = "if (args.containing !== '') throw new Error('cannot begin' as string)"
  writeFileSync(component, lines.toSpliced(at, 0, throwing).join('\n'))
  await said(`cannot begin (keep/component.ts:${at + 1}:`)
})
