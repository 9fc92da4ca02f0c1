import { createServer } from 'node:http'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { requireServer } from '../servers/index.ts'
import { Collector } from '../servers/ingot.ts'
import { imbalances } from '../servers/live.ts'
import { freePort, ServerProcess, until } from '../servers/process.ts'
import { Prometheus } from '../servers/prometheus.ts'

const temporary = (): string => mkdtempSync(join(tmpdir(), 'ingot-e2e-'))

/** Serves one exposition unchanged, so that two scrapers see the same values. */
async function serveFrozen(text: string): Promise<{ readonly address: string; close(): void }> {
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8')
    response.end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() }
}

const key = (metric: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)))

test(
  'every series of a node exporter arrives as Prometheus itself would scrape it',
  { timeout: 120_000 },
  async (context) => {
    const prometheusPath = requireServer('prometheus', context)
    const exporterPath = requireServer('prometheus-node-exporter', context)
    const exporterAddress = `127.0.0.1:${await freePort()}`
    const exporter = new ServerProcess(exporterPath, [`--web.listen-address=${exporterAddress}`])
    await exporter.untilAnswers(`http://${exporterAddress}/metrics`)
    const frozen = await serveFrozen(await (await fetch(`http://${exporterAddress}/metrics`)).text())
    await exporter.stop()

    const direct = await Prometheus.start({ path: prometheusPath, dir: temporary(), targets: [frozen.address] })
    const written = await Prometheus.start({ path: prometheusPath, dir: temporary() })
    const collector = await Collector.start({
      config: `
      prometheus.remote_write "out" {
        endpoint { url = "${written.writeUrl}" }
      }
      prometheus.scrape "node" {
        targets         = [{ __address__ = "${frozen.address}" }]
        forward_to      = [prometheus.remote_write.out.receiver]
        job_name        = "direct"
        scrape_interval = "1s"
        scrape_timeout  = "1s"
      }`,
      flags: ['--lanes=2'],
    })
    await until(
      async () => (await written.query('count({job="direct"})')).length > 0,
      'samples in the receiving Prometheus',
    )
    await until(async () => (await direct.query('count({job="direct"})')).length > 0, "Prometheus' own scrape")

    const wanted = new Map((await direct.query('{job="direct"}')).map(({ metric, value }) => [key(metric), value[1]]))
    const found = new Map((await written.query('{job="direct"}')).map(({ metric, value }) => [key(metric), value[1]]))
    expect(wanted.size).toBeGreaterThan(300)
    expect([...wanted.keys()].filter((series) => !found.has(series))).toEqual([])
    expect([...found.keys()].filter((series) => !wanted.has(series))).toEqual([])
    // How long a scrape took and how many series were new to the scraper are its own facts.
    const own = /"(scrape_duration_seconds|scrape_series_added)"/
    const different = [...wanted].filter(([series, value]) => !own.test(series) && found.get(series) !== value)
    expect(different).toEqual([])
    // Between two scrapes nothing is under way.
    await until(async () => imbalances(await collector.live()).length === 0, 'balanced counters', 20_000)

    await collector.stop()
    await Promise.all([direct.stop(), written.stop()])
    frozen.close()
  },
)

test('ten targets on two lanes: every sample is sent once', { timeout: 60_000 }, async (context) => {
  const prometheusPath = requireServer('prometheus', context)
  const targets = await Promise.all(
    Array.from({ length: 10 }, (_, i) => serveFrozen(`# TYPE ten gauge\nten{target="${i}"} ${i}\n`)),
  )
  const written = await Prometheus.start({ path: prometheusPath, dir: temporary() })
  const collector = await Collector.start({
    config: `
      prometheus.remote_write "out" {
        endpoint { url = "${written.writeUrl}" }
      }
      prometheus.scrape "ten" {
        targets = [${targets.map(({ address }) => `{ __address__ = "${address}" }`).join(', ')}]
        forward_to = [prometheus.remote_write.out.receiver]
        scrape_interval = "1s"
        scrape_timeout = "1s"
      }`,
    flags: ['--lanes=2'],
  })
  await until(async () => (await written.query('ten')).length === 10, 'ten series')
  await new Promise((resolve) => setTimeout(resolve, 4_000))
  // One sample per target and interval: two lanes scraping the same target would double the count.
  const counts = await written.query('count_over_time(ten[3s])')
  expect(counts).toHaveLength(10)
  for (const { value } of counts) expect(Number(value[1])).toBeLessThanOrEqual(4)
  await collector.stop()
  await written.stop()
  for (const target of targets) target.close()
})
