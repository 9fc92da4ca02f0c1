/** The same pipelines with every component in a runner and with every component in a lane: what arrives is the same. */
import { Client, credentials } from '@grpc/grpc-js'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { Receiver } from '../peers/receiver.ts'
import { loadDistribution } from '../docs/reference-pages.ts'
import { encodeMessage } from '../peers/wire-formats.ts'
import { Collector, type CollectorOptions } from '../servers/ingot.ts'
import { freePort, until } from '../servers/process.ts'
import {
  arrivals,
  fileSource,
  LogWriter,
  startReceiver,
  temporaryDir,
  untilBalanced,
  lokiWrite,
} from './log-pipeline.ts'

type Room = 'runners' | 'lanes'

/** What a pipeline delivers from lanes, and from runners. */
async function inBothRooms<T>(run: (room: Room) => Promise<T>): Promise<{ readonly runners: T; readonly lanes: T }> {
  return { runners: await run('runners'), lanes: await run('lanes') }
}

async function start(room: Room, options: CollectorOptions): Promise<Collector> {
  const flags = ['--lanes=2', '--stability.level=experimental', ...(room === 'runners' ? ['--sandbox=all'] : [])]
  const collector = await Collector.start({ ...options, flags })
  onTestFinished(() => collector.stop('SIGKILL'))
  return collector
}

/** A test that waits in vain shows what the collector said. */
async function untilHeld(collector: Collector, what: string, condition: () => boolean | Promise<boolean>) {
  await until(condition, what, 20_000).catch((error: unknown) => {
    throw new Error(`${(error as Error).message}\n${collector.process.output}`)
  })
}

/** Every record is accounted for, every component is well and where the flag puts it. */
async function expectSettled(collector: Collector, room: Room): Promise<void> {
  await untilBalanced(collector)
  const { components } = await collector.live()
  const unwell = components.filter(({ health }) => health !== 'healthy')
  expect(unwell.map(({ id, health, message }) => `${id}: ${health}: ${message}`)).toEqual([])
  for (const { id } of components) {
    const page = await (await collector.get(`/component/${id}`)).text()
    expect(page).toMatch(room === 'runners' ? /sandboxed in a runner/ : /in lane/)
  }
}

interface PushMessage {
  readonly streams: readonly {
    readonly labels: string
    readonly entries: readonly Readonly<Record<string, unknown>>[]
  }[]
}

/** What arrived, without the times at which lines were read. */
function pushed(receiver: Receiver): string[] {
  const streams = receiver.messages<PushMessage>('lokiPush').flatMap((message) => message.streams)
  return streams
    .flatMap(({ labels, entries }) => entries.map(({ timestamp: _, ...entry }) => JSON.stringify([labels, entry])))
    .toSorted()
}

async function runLogs(room: Room): Promise<string[]> {
  const dir = temporaryDir()
  const { receiver, pushUrl } = await startReceiver()
  const app = new LogWriter(dir, 'app')
  writeFileSync(join(dir, 'password'), 'open sesame')
  const options = {
    config: `
      local.file "password" {
        filename  = "${join(dir, 'password')}"
        is_secret = true
      }
      ${fileSource('app', app.path, '[loki.process.app.receiver]')}
      loki.process "app" {
        forward_to = [loki.write.out.receiver]
        stage.regex { expression = "line (?P<number>\\\\d+)" }
        stage.labels { values = { number = "" } }
        stage.static_labels { values = { from = "file" } }
        stage.drop { expression = "line 7$" }
        stage.label_drop { values = ["filename"] }
      }
      loki.write "out" {
        endpoint {
          url        = "${pushUrl}"
          batch_wait = "50ms"
          basic_auth {
            username = "ingot"
            password = local.file.password.content
          }
        }
      }`,
    dir,
  }
  const first = await start(room, options)
  app.write(500)
  await untilHeld(first, 'the first lines', () => arrivals(receiver).size === 499)
  app.write(5_000)
  await untilHeld(first, 'all lines', () => arrivals(receiver).size === 5_499)
  await expectSettled(first, room)
  const authorization = receiver.received[0]!.headers['authorization']!
  expect(Buffer.from(authorization.slice('Basic '.length), 'base64').toString()).toBe('ingot:open sesame')
  // A restart goes on at the position that the file had.
  await first.stop()
  const second = await start(room, options)
  app.write(100)
  await untilHeld(second, 'the lines after a restart', () => arrivals(receiver).size === 5_599)
  await expectSettled(second, room)
  await second.stop()
  return pushed(receiver)
}

test('log lines of files arrive through runners as through lanes', { timeout: 120_000 }, async () => {
  const { runners, lanes } = await inBothRooms(runLogs)
  expect(runners).toHaveLength(5_599)
  expect(runners).toEqual(lanes)
})

/** Serves one exposition, larger than one piece of a response. */
async function serveExposition(): Promise<string> {
  const series = Array.from({ length: 5_000 }, (_, i) => `big{name="${'x'.repeat(i % 50)}",i="${i}"} ${i / 7}`)
  const text = `# TYPE big gauge\n${series.join('\n')}\n# TYPE requests counter\nrequests_total{code="200"} 3\n`
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8')
    response.end(text)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface WriteMessage {
  readonly timeseries: readonly {
    readonly labels: readonly { readonly name: string; readonly value: string }[]
    readonly samples: readonly { readonly value: number }[]
  }[]
}

/** Series and their first value. */
function written(receiver: Receiver): Map<string, number> {
  const values = new Map<string, number>()
  for (const { timeseries } of receiver.messages<WriteMessage>('remoteWrite')) {
    for (const { labels, samples } of timeseries) {
      const key = JSON.stringify(labels.map(({ name, value }) => [name, value]))
      if (samples[0] && !values.has(key)) values.set(key, samples[0].value)
    }
  }
  return values
}

async function startReceiving(): Promise<{
  readonly receiver: Receiver
  readonly http: string
  readonly down: (is: boolean) => void
}> {
  let isDown = false
  const { receiver, pushUrl } = await startReceiver({ status: () => (isDown ? 503 : 200) })
  return { receiver, http: new URL(pushUrl).host, down: (is) => void (isDown = is) }
}

/** Series whose values are a scrape's own. */
const ownSeries = /scrape_duration_seconds|scrape_series_added/

async function runMetrics(room: Room, address: string): Promise<[string, number][]> {
  const { receiver, http, down } = await startReceiving()
  const collector = await start(room, {
    config: `
      discovery.relabel "targets" {
        targets = [{ __address__ = "${address}", zone = "a" }, { __address__ = "127.0.0.1:1", drop = "yes" }]
        rule {
          source_labels = ["drop"]
          regex         = "yes"
          action        = "drop"
        }
        rule {
          target_label = "instance"
          replacement  = "one"
        }
      }
      prometheus.scrape "main" {
        targets         = discovery.relabel.targets.output
        forward_to      = [prometheus.relabel.main.receiver]
        scrape_interval = "1s"
        scrape_timeout  = "1s"
      }
      prometheus.relabel "main" {
        forward_to = [prometheus.remote_write.out.receiver]
        rule {
          source_labels = ["i"]
          regex         = "1.*"
          action        = "drop"
        }
        rule {
          source_labels = ["zone"]
          target_label  = "region"
        }
      }
      prometheus.remote_write "out" { endpoint { url = "http://${http}/api/v1/write" } }`,
  })
  await untilHeld(collector, 'all series', () => written(receiver).size > 3_800)
  // While the destination is down, samples wait in the queue on disk.
  down(true)
  const queued = async () => (await collector.component('prometheus.remote_write.out'))!.ledger.queued
  await untilHeld(collector, 'samples in the queue', async () => (await queued()) > 5_000)
  down(false)
  await untilHeld(collector, 'an empty queue', async () => (await queued()) === 0)
  await collector.stop()
  const found = [...written(receiver)].filter(([series]) => !ownSeries.test(series))
  return found.toSorted(([a], [b]) => (a < b ? -1 : 1))
}

test('scraped series arrive through runners as through lanes', { timeout: 120_000 }, async () => {
  const address = await serveExposition()
  const { runners, lanes } = await inBothRooms((room) => runMetrics(room, address))
  expect(runners.length).toBeGreaterThan(3_800)
  expect(runners).toEqual(lanes)
})

test('a runner that is killed finds the queue on disk that its forerunner had', { timeout: 60_000 }, async () => {
  const address = await serveExposition()
  const { receiver, http, down } = await startReceiving()
  down(true)
  const collector = await start('runners', {
    config: `
      prometheus.scrape "main" {
        targets         = [{ __address__ = "${address}" }]
        forward_to      = [prometheus.remote_write.out.receiver]
        scrape_interval = "1s"
        scrape_timeout  = "1s"
      }
      prometheus.remote_write "out" { endpoint { url = "http://${http}/api/v1/write" } }`,
  })
  const ledger = async () => (await collector.component('prometheus.remote_write.out'))!.ledger
  await untilHeld(collector, 'samples in the queue', async () => (await ledger()).queued > 5_000)
  for (const pid of runnersOf(collector)) process.kill(pid, 'SIGKILL')
  await untilHeld(collector, 'more samples in the queue', async () => (await ledger()).queued > 15_000)
  down(false)
  await untilHeld(collector, 'an empty queue', async () => (await ledger()).queued === 0)
  expect(written(receiver).size).toBeGreaterThan(5_000)
  expect(await ledger()).toMatchObject({ dropped: 0, quarantined: 0 })
  await untilBalanced(collector)
})

function runnersOf(collector: Collector): number[] {
  const children = readFileSync(`/proc/${collector.process.pid}/task/${collector.process.pid}/children`, 'utf8')
  return children.split(' ').filter(Boolean).map(Number)
}

async function runUnix(room: Room): Promise<string[]> {
  const { receiver, http } = await startReceiving()
  const collector = await start(room, {
    config: `
      prometheus.exporter.unix "host" { set_collectors = ["loadavg", "meminfo", "uname", "stat", "cpu"] }
      prometheus.exporter.self "own" { }
      prometheus.scrape "host" {
        targets         = concat(prometheus.exporter.unix.host.targets, prometheus.exporter.self.own.targets)
        forward_to      = [prometheus.remote_write.out.receiver]
        scrape_interval = "1s"
        scrape_timeout  = "1s"
      }
      prometheus.remote_write "out" { endpoint { url = "http://${http}/api/v1/write" } }`,
  })
  const arrived = (name: string): boolean => [...written(receiver).keys()].some((key) => key.includes(name))
  await untilHeld(collector, 'series of the host', () => arrived('node_load1'))
  await untilHeld(collector, 'series of the collector', () => arrived('ingot_component'))
  const mounted = await collector.get('/api/v0/component/prometheus.exporter.unix.host/metrics')
  expect(await mounted.text()).toContain('node_load1 ')
  await expectSettled(collector, room)
  await collector.stop()
  // The collector's own metrics tell of its rooms.
  return [...written(receiver).keys()].filter((key) => key.includes('node_')).toSorted()
}

test(
  "a host's figures are mounted, scraped and written through runners as through lanes",
  { timeout: 60_000 },
  async () => {
    const { runners, lanes } = await inBothRooms(runUnix)
    expect(runners.length).toBeGreaterThan(50)
    expect(runners).toEqual(lanes)
  },
)

const attributes = [
  { key: 'text', value: { string_value: 'grüße' } },
  { key: 'big', value: { int_value: '1099511627776' } },
]
const traces = encodeMessage('traces', {
  resource_spans: [
    {
      resource: { attributes },
      scope_spans: [
        {
          scope: { name: 'shop', version: '1' },
          spans: Array.from({ length: 200 }, (_, i) => ({
            trace_id: Buffer.alloc(16, i + 1),
            span_id: Buffer.alloc(8, i + 1),
            name: `span ${i}`,
            start_time_unix_nano: String(1_700_000_000_000_000_000n + BigInt(i)),
            end_time_unix_nano: String(1_700_000_000_000_001_000n + BigInt(i)),
            attributes,
          })),
        },
      ],
    },
  ],
})
const logs = encodeMessage('logs', {
  resource_logs: [
    {
      resource: { attributes },
      scope_logs: [{ log_records: Array.from({ length: 50 }, (_, i) => ({ body: { string_value: `record ${i}` } })) }],
    },
  ],
})

function callGrpc(address: string, method: string, message: Uint8Array): Promise<void> {
  const client = new Client(address, credentials.createInsecure())
  const bytes = (data: Buffer): Buffer => data
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(method, bytes, bytes, Buffer.from(message), (error) => {
      client.close()
      if (error) reject(error)
      else resolve()
    })
  })
}

async function runOtlp(room: Room): Promise<unknown> {
  const { receiver, pushUrl, grpc } = await startReceiver()
  const ports = { http: `127.0.0.1:${await freePort()}`, grpc: `127.0.0.1:${await freePort()}` }
  const collector = await start(room, {
    config: `
      otelcol.receiver.otlp "in" {
        http { endpoint = "${ports.http}" }
        grpc { endpoint = "${ports.grpc}" }
        output {
          traces = [otelcol.processor.batch.b.input]
          logs   = [otelcol.processor.batch.b.input]
        }
      }
      otelcol.processor.batch "b" {
        timeout = "200ms"
        output {
          traces = [otelcol.exporter.otlphttp.out.input, otelcol.exporter.otlp.out.input, otelcol.exporter.debug.out.input]
          logs   = [otelcol.exporter.otlphttp.out.input, otelcol.exporter.otlp.out.input]
        }
      }
      otelcol.exporter.debug "out" { verbosity = "basic" }
      otelcol.exporter.otlphttp "out" { client { endpoint = "http://${new URL(pushUrl).host}" } }
      otelcol.exporter.otlp "out" {
        client {
          endpoint = "${grpc}"
          tls { insecure = true }
        }
      }`,
  })
  const request = { method: 'POST', headers: { 'content-type': 'application/x-protobuf' }, body: Buffer.from(logs) }
  // Ready is a collector whose components have begun: a listener opens a moment later.
  const push = async () => (await fetch(`http://${ports.http}/v1/logs`, request).catch(() => undefined))?.status
  await untilHeld(collector, 'the listener to take a request', async () => (await push()) === 200)
  await callGrpc(ports.grpc, '/opentelemetry.proto.collector.trace.v1.TraceService/Export', traces)
  // Over HTTP and over gRPC.
  await untilHeld(collector, 'the spans', () => receiver.messages('traces').length === 2)
  await untilHeld(collector, 'the records', () => receiver.messages('logs').length === 2)
  await expectSettled(collector, room)
  await collector.stop()
  const written = collector.process.output
    .split('\n')
    .filter((line) => line.includes('component_id=otelcol.exporter.debug.out'))
  return {
    traces: receiver.messages('traces'),
    logs: receiver.messages('logs'),
    written: written.map((line) => line.replace(/^ts=\S+ /, '')),
  }
}

test('OTLP over HTTP and gRPC arrives through runners as through lanes', { timeout: 60_000 }, async () => {
  const { runners, lanes } = await inBothRooms(runOtlp)
  expect(JSON.stringify(runners)).toContain('span 199')
  expect((runners as { written: string[] }).written.length).toBeGreaterThan(0)
  expect(runners).toEqual(lanes)
})

test('every portable component of the distribution is in one of these pipelines', async () => {
  const distribution = await loadDistribution()
  const text = readFileSync(fileURLToPath(import.meta.url), 'utf8') + fileSource('', '', '') + lokiWrite('', '')
  const portable = distribution.components().filter(({ kind }) => kind === 'portable')
  expect(portable.map(({ name }) => name).filter((name) => !text.includes(`${name} "`))).toEqual([])
}, 60_000)
