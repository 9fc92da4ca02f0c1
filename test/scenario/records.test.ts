/** A stream that a module has invented, from its source to its sink, each in a runner. */
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { Collector } from '../servers/ingot.ts'
import { until } from '../servers/process.ts'
import { startIngot } from './log-pipeline.ts'

const folder = fileURLToPath(new URL('testdata/records-module', import.meta.url))
const flags = [`--module=${folder}`, '--lanes=2', '--stability.level=experimental']

function config(receiver: string): string {
  return `
import.module "acme" {
  module  = "@acme/orders"
  version = "^1.0.0"
}
acme.made "all" {
  forward_to = [${receiver}]
}
acme.summed "all" { }
acme.refunded "all" { }
loki.process "all" {
  forward_to = []
}`
}

test("rows of a module's own stream arrive whole, between runners", { timeout: 60_000 }, async () => {
  const collector = await startIngot({ config: config('acme.summed.all.receiver'), flags })
  const sent = async () => (await collector.component('acme.summed.all'))!.ledger.out
  await until(async () => (await sent()) >= 20, 'rows to arrive', 30_000).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}\n${collector.process.output}`)
  })
  const metrics = await collector.metrics()
  const sum = Number(/^orders_sum\{[^}]*\} (\S+)$/m.exec(metrics)?.[1])
  // Two orders of 0.5 and 1.5 in each batch: as much as there are rows.
  expect(sum).toBeGreaterThanOrEqual(20)
  expect(sum % 2).toBe(0)
  expect((await collector.component('acme.summed.all'))!.ledger.dropped).toBe(0)
})

test.each([
  ['another schema', 'acme.refunded.all.receiver'],
  ['another signal', 'loki.process.all.receiver'],
])('a stream is not connected with a receiver of %s', { timeout: 60_000 }, async (_, receiver) => {
  const collector = await Collector.launch({ config: config(receiver), flags })
  onTestFinished(() => collector.stop('SIGKILL'))
  await until(() => !collector.process.running, 'the refusal')
  expect(collector.process.output).toMatch(/config\.alloy:7:17: error\[[a-z-]+\]: .*records<orders:[0-9a-f]{16}>/)
})
