import { Agent, request } from 'node:http'
import { encodeMessage } from '../../peers/wire-formats.ts'
import { Collector } from '../../servers/ingot.ts'
import { freePort } from '../../servers/process.ts'
import { Meter, startPart, untilArrived, type Measurement } from '../measure.ts'

/** OTLP traces → batch → OTLP over HTTP (workload O1): 100 spans a request, 2 resources, 8 attributes, 394 bytes a span. */
export interface TracesWorkload {
  readonly requests: number
  /** Sent before, and not measured. */
  readonly warmUpRequests: number
  /**
   * Clients that wait for an answer at once. A request is acknowledged once it is delivered, so these must be many more
   * than what fills a batch: otherwise every batch waits for its timeout.
   */
  readonly connections: number
}

const spansPerRequest = 100

function spanRequest(variant: number): Uint8Array {
  const attribute = (key: string, value: string) => ({ key, value: { string_value: value } })
  const values = (i: number): Readonly<Record<string, string>> => ({
    'http.request.method': 'GET',
    'http.route': '/api/v2/orders/{id}/items',
    'server.address': 'checkout.shop.svc.cluster.local',
    'url.scheme': 'https',
    'network.peer.address': `10.${variant}.${i % 200}.17`,
    'user_agent.original': 'okhttp/4.12.0',
    'k8s.pod.name': `checkout-service-7f9c${variant}-x${i}`,
    'order.id': `ord-${variant}${i}-${(i * 2_654_435_761) >>> 0}`,
  })
  const span = (i: number) => ({
    trace_id: Buffer.alloc(16, variant + i),
    span_id: Buffer.alloc(8, i + 1),
    parent_span_id: Buffer.alloc(8, i),
    name: `GET /api/v2/orders/{id}/items ${i}`,
    kind: 2,
    start_time_unix_nano: String(1_763_800_000_000_000_000n + BigInt(i)),
    end_time_unix_nano: String(1_763_800_000_050_000_000n + BigInt(i)),
    attributes: Object.entries(values(i)).map(([key, value]) => attribute(key, value)),
  })
  const resource = (r: number) => ({
    resource: {
      attributes: [attribute('service.name', `checkout-${r}`), attribute('service.instance.id', `instance-${variant}`)],
    },
    scope_spans: [
      { scope: { name: 'shop' }, spans: Array.from({ length: spansPerRequest / 2 }, (_, i) => span(r * 50 + i)) },
    ],
  })
  return encodeMessage('traces', { resource_spans: [resource(0), resource(1)] })
}

/** How the collector sends on; it receives over HTTP, not compressed. */
const exporters: Readonly<Record<string, (sink: string) => string>> = {
  'ingot, not compressed': (sink) => `otelcol.exporter.otlphttp "out" {
        client {
          endpoint    = "http://${sink}"
          compression = "none"
        }
      }`,
  'ingot, sent with gzip': (sink) => `otelcol.exporter.otlphttp "out" { client { endpoint = "http://${sink}" } }`,
}

export async function measureTraces(workload: TracesWorkload): Promise<readonly Measurement[]> {
  const bodies = Array.from({ length: 16 }, (_, variant) => spanRequest(variant))
  const measurements: Measurement[] = []
  for (const [name, exporter] of Object.entries(exporters)) {
    const sink = await startPart('sink.ts')
    const port = await freePort()
    const collector = await Collector.start({
      config: `
      otelcol.receiver.otlp "in" {
        http { endpoint = "127.0.0.1:${port}" }
        output { traces = [otelcol.processor.batch.b.input] }
      }
      otelcol.processor.batch "b" { output { traces = [otelcol.exporter.otlphttp.out.input] } }
      ${exporter(sink.address)}`,
    })
    const program = { name, process: collector.process }
    const { requests, warmUpRequests, connections } = workload
    await send({ requests: warmUpRequests, connections, port, bodies })
    await untilArrived(sink.address, warmUpRequests * spansPerRequest, program, true)
    const meter = await Meter.start(collector.process.pid, sink.address)
    const bytes = await send({ requests, connections, port, bodies })
    await untilArrived(sink.address, (warmUpRequests + requests) * spansPerRequest, program, true)
    measurements.push(await meter.stop(name, bytes / requests / spansPerRequest))
    await collector.stop()
    await sink.process.stop()
  }
  return measurements
}

interface Sending {
  readonly requests: number
  readonly connections: number
  readonly port: number
  readonly bodies: readonly Uint8Array[]
}

/** Sends requests over so many connections at once; every one must be acknowledged. @returns bytes of their bodies */
async function send({ requests, connections, port, bodies }: Sending): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  let sent = 0
  let bytes = 0
  const worker = async (): Promise<void> => {
    while (sent < requests) {
      const body = bodies[sent++ % bodies.length]!
      bytes += body.length
      await post(agent, port, body)
    }
  }
  await Promise.all(Array.from({ length: connections }, worker))
  agent.destroy()
  return bytes
}

function post(agent: Agent, port: number, body: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-length': body.length }
    const sending = request(
      { agent, port, host: '127.0.0.1', path: '/v1/traces', method: 'POST', headers },
      (response) => {
        response.resume()
        response.on('end', () =>
          response.statusCode === 200 ? resolve() : reject(new Error(`The collector answered ${response.statusCode}`)),
        )
      },
    )
    sending.on('error', reject)
    sending.end(body)
  })
}
