import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Receiver } from '../peers/receiver.ts'
import { until } from '../servers/process.ts'
import { startChaos, startReceiver, temporaryDir, untilBalanced } from './log-pipeline.ts'

/** A target whose counter says how often it has been scraped. */
async function countingTarget(): Promise<string> {
  let scrapes = 0
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8')
    response.end(`scrapes_total ${++scrapes}\n`)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface WriteRequest {
  readonly timeseries: readonly {
    readonly labels: readonly { readonly name: string; readonly value: string }[]
    readonly samples: readonly { readonly value?: number; readonly timestamp: string }[]
  }[]
}

/** Distinct samples that arrived, and the values of the target's counter. */
function samples(receiver: Receiver): { readonly distinct: Set<string>; readonly counter: Set<number> } {
  const distinct = new Set<string>()
  const counter = new Set<number>()
  for (const { timeseries } of receiver.messages<WriteRequest>('remoteWrite')) {
    for (const { labels, samples: all } of timeseries) {
      const series = labels.map(({ name, value }) => `${name}=${value}`).join()
      for (const { value = 0, timestamp } of all) {
        distinct.add(`${series}@${timestamp}`)
        if (labels.some(({ value: text }) => text === 'scrapes_total')) counter.add(value)
      }
    }
  }
  return { distinct, counter }
}

test('samples on disk outlive a collector that is killed while the receiver is down', { timeout: 60_000 }, async () => {
  let status = 503
  const { receiver, pushUrl } = await startReceiver({ status: () => status })
  const writeUrl = pushUrl.replace('/loki/api/v1/push', '/api/v1/write')
  const options = {
    config: `
        prometheus.scrape "target" {
          targets         = [{ __address__ = "${await countingTarget()}" }]
          forward_to      = [prometheus.remote_write.out.receiver]
          scrape_interval = "200ms"
          scrape_timeout  = "200ms"
        }
        prometheus.remote_write "out" {
          endpoint {
            url = "${writeUrl}"
            queue_config { batch_send_deadline = "200ms" }
            metadata_config { send = false }
          }
        }`,
    dir: temporaryDir(),
    flags: ['--modules=modules/prometheus'],
  }
  const first = await startChaos(options)
  const delivered = async () =>
    (await first.live()).edges.find(({ to }) => to === 'prometheus.remote_write.out')?.delivered ?? 0
  await until(async () => (await delivered()) >= 50, 'samples in the queue')
  const durable = await delivered()
  await first.stop('SIGKILL')
  expect(samples(receiver).distinct.size).toBe(0)
  const second = await startChaos(options)
  await until(
    async () => (await second.live()).components.some(({ ledger }) => ledger.queued >= durable),
    'the queue to be found',
  )
  status = 200
  await until(() => samples(receiver).distinct.size > durable, 'samples to arrive')
  const { counter } = samples(receiver)
  const scrapes = [...counter].toSorted((a, b) => a - b)
  expect(scrapes.slice(0, 5)).toEqual([1, 2, 3, 4, 5])
  expect(samples(receiver).distinct.size).toBeGreaterThanOrEqual(durable)
  // Without a target nothing more is scraped, and the books can be looked at.
  second.writeConfig(options.config.replace(/targets +=.*/, 'targets = []'))
  expect(await second.reload()).toMatchObject({ status: 200 })
  await untilBalanced(second)
})
