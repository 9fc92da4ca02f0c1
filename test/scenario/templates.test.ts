/** What `ingot module init` makes, run with its example by a real collector, each component in a runner. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { Collector } from '../servers/ingot.ts'
import { until } from '../servers/process.ts'
import { LogWriter, startIngot, temporaryDir } from './log-pipeline.ts'

const templates = fileURLToPath(new URL('../../cli/templates', import.meta.url))

async function runExample(template: string, example: string, env: NodeJS.ProcessEnv): Promise<Collector> {
  const folder = join(templates, template)
  const path = join(folder, 'examples', example)
  return startIngot({ config: '', dir: temporaryDir(), path, env, flags: [`--module=${folder}`, '--lanes=1'] })
}

/** A server that answers every request, and what it was sent. */
async function serve(answer: string) {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += String(chunk)))
    request.on('end', () => {
      bodies.push(body)
      response.end(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { address: `127.0.0.1:${port}`, bodies }
}

async function untilLedger(
  collector: Collector,
  id: string,
  holds: (ledger: { in: number; created: number; out: number; dropped: number }) => boolean,
) {
  await until(async () => holds((await collector.component(id))!.ledger), `the counters of ${id}`, 30_000).catch(
    async (error: unknown) => {
      throw new Error(
        `${(error as Error).message}\n${JSON.stringify(await collector.component(id))}\n${collector.process.output}`,
      )
    },
  )
  expect((await collector.component(id))!.health).toBe('healthy')
}

async function expectSandboxed(collector: Collector, id: string): Promise<void> {
  expect(await (await collector.get(`/component/${id}`)).text()).toContain('sandboxed in a runner')
}

test('the transform keeps lines of a file', { timeout: 60_000 }, async () => {
  const app = new LogWriter(temporaryDir(), 'app')
  const collector = await runExample('transform', 'keep.alloy', { APP_LOG: app.path })
  app.say('an error')
  app.write(3)
  await untilLedger(collector, 'my_module.keep.errors', (ledger) => ledger.out === 1 && ledger.dropped === 3)
  await expectSandboxed(collector, 'my_module.keep.errors')
})

test('the source reads a URL', { timeout: 60_000 }, async () => {
  const { address } = await serve('up\nload 0.5\n')
  const collector = await runExample('source', 'poll.alloy', { STATUS_URL: `http://${address}/status` })
  await untilLedger(
    collector,
    'my_module.poll.status',
    (ledger) => ledger.created >= 4 && ledger.out === ledger.created,
  )
  await expectSandboxed(collector, 'my_module.poll.status')
})

test('the sink posts entries', { timeout: 60_000 }, async () => {
  const { address, bodies } = await serve('')
  const collector = await runExample('sink', 'post.alloy', { SINK_URL: `http://${address}/lines` })
  await untilLedger(collector, 'my_module.post.out', (ledger) => ledger.in > 0 && ledger.out === ledger.in)
  await expectSandboxed(collector, 'my_module.post.out')
  const entries = bodies
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { line: string })
  expect(entries.some(({ line }) => line.includes('configuration loaded'))).toBe(true)
})

test('the discovery exports what is scraped, and follows the list', { timeout: 60_000 }, async () => {
  const { address } = await serve('one 1\n')
  const other = await serve('two 2\n')
  const list = join(temporaryDir(), 'targets.txt')
  writeFileSync(list, `${address}\n`)
  const collector = await runExample('discovery', 'listed.alloy', { TARGETS_FILE: list })
  await untilLedger(collector, 'prometheus.scrape.hosts', (ledger) => ledger.created > 0)
  await expectSandboxed(collector, 'my_module.listed.hosts')
  writeFileSync(list, `${readFileSync(list, 'utf8')}${other.address}\n`)
  await until(() => other.bodies.length > 0, 'the second target to be scraped', 30_000)
})
