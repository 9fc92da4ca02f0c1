import { Agent, request } from 'node:http'
import { encodeMessage } from '../../peers/wire-formats.ts'
import { Collector } from '../../servers/ingot.ts'
import { freePort, until } from '../../servers/process.ts'
import { Meter, sinkCount, startPart, type Measurement } from '../measure.ts'

/** OTLP traces → batch → OTLP over HTTP (workload O1): 100 spans a request, 2 resources, 8 attributes. */
export interface TracesWorkload {
  readonly requests: number
  readonly connections: number
}

const spansPerRequest = 100

function spanRequest(variant: number): Uint8Array {
  const attribute = (key: string, value: string) => ({ key, value: { string_value: value } })
  const span = (i: number) => ({
    trace_id: Buffer.alloc(16, variant + i),
    span_id: Buffer.alloc(8, i + 1),
    parent_span_id: Buffer.alloc(8, i),
    name: `GET /api/v2/orders/{id}/items ${i}`,
    kind: 2,
    start_time_unix_nano: String(1_763_800_000_000_000_000n + BigInt(i)),
    end_time_unix_nano: String(1_763_800_000_050_000_000n + BigInt(i)),
    attributes: [
      'http.request.method',
      'http.route',
      'server.address',
      'url.scheme',
      'network.peer.address',
      'user_agent.original',
      'k8s.pod.name',
      'order.id',
    ].map((key, n) => attribute(key, `value-${n}-${variant}-${i}`)),
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

export async function measureTraces({ requests, connections }: TracesWorkload): Promise<readonly Measurement[]> {
  const sink = await startPart('sink.ts')
  const port = await freePort()
  const collector = await Collector.start({
    config: `
      otelcol.receiver.otlp "in" {
        http { endpoint = "127.0.0.1:${port}" }
        output { traces = [otelcol.processor.batch.b.input] }
      }
      otelcol.processor.batch "b" { output { traces = [otelcol.exporter.otlphttp.out.input] } }
      otelcol.exporter.otlphttp "out" {
        client {
          endpoint    = "http://${sink.address}"
          compression = "none"
        }
      }`,
  })
  const bodies = Array.from({ length: 16 }, (_, variant) => spanRequest(variant))
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const meter = await Meter.start(collector.process.pid, sink.address)
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
  await until(async () => (await sinkCount(sink.address)).records >= requests * spansPerRequest, 'all spans', 120_000)
  const measurement = await meter.stop('ingot', bytes)
  agent.destroy()
  await collector.stop()
  await sink.process.stop()
  return [measurement]
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
