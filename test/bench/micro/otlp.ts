/**
 * What OTLP costs as bytes: nanoseconds of CPU time a span for each step between receiver and exporter.
 * `node test/bench/micro/otlp.ts`
 */
import {
  ProtobufWriter,
  checkOtelRequest,
  decodeOtelFrame,
  encodeOtelFrame,
  mergeOtel,
  readOtelRequest,
  recordsOf,
  resourcesOf,
  scopesOf,
  splitOtel,
} from '@ingot/telemetry'

const spansPerRequest = 100
const runMs = 600

/** The workload O1 of performance.md: 100 spans, 2 resources, 8 attributes, about 394 bytes a span. */
export function traceRequest(seed = 0): Uint8Array<ArrayBuffer> {
  const writer = new ProtobufWriter(64 * 1024)
  for (let resource = 0; resource < 2; resource++) {
    const resourceSpans = writer.begin(1)
    const attributes = writer.begin(1)
    writeAttribute(writer, 1, 'service.name', `checkout-${resource}`)
    writeAttribute(writer, 1, 'host.name', `node-${resource}.example`)
    writer.end(attributes)
    const scopeSpans = writer.begin(2)
    for (let i = 0; i < spansPerRequest / 2; i++) writeSpan(writer, seed * 1000 + resource * 100 + i)
    writer.end(scopeSpans)
    writer.end(resourceSpans)
  }
  return writer.finish()
}

function writeSpan(writer: ProtobufWriter, n: number): void {
  const span = writer.begin(2)
  writer.bytesField(1, new Uint8Array(16).fill(n + 1))
  writer.bytesField(2, new Uint8Array(8).fill(n + 2))
  writer.bytesField(4, new Uint8Array(8).fill(n + 3))
  writer.stringField(5, `GET /api/orders/{id}/items/${n % 17}`)
  writer.uintField(6, 2)
  writer.fixed64Field(7, n, 0x17a0_0000)
  writer.fixed64Field(8, n + 5000, 0x17a0_0000)
  writeAttribute(writer, 9, 'http.request.method', 'GET')
  writeAttribute(writer, 9, 'http.route', '/api/orders/{id}/items')
  writeAttribute(writer, 9, 'url.path', `/api/orders/${n}/items`)
  writeAttribute(writer, 9, 'user_agent.original', 'Mozilla/5.0 (X11; Linux x86_64)')
  writeAttribute(writer, 9, 'server.address', 'orders.example')
  writeAttribute(writer, 9, 'network.protocol.version', '1.1')
  for (const [key, value] of [
    ['http.response.status_code', 200],
    ['thread.id', n % 64],
  ] as const) {
    const attribute = writer.begin(9)
    writer.stringField(1, key)
    const inner = writer.begin(2)
    writer.int64Field(3, value)
    writer.end(inner)
    writer.end(attribute)
  }
  const status = writer.begin(15)
  writer.uintField(3, 1)
  writer.end(status)
  writer.end(span)
}

function writeAttribute(writer: ProtobufWriter, field: number, key: string, value: string): void {
  const attribute = writer.begin(field)
  writer.stringField(1, key)
  const inner = writer.begin(2)
  writer.stringField(1, value)
  writer.end(inner)
  writer.end(attribute)
}

function measure(name: string, spans: number, step: () => unknown): void {
  for (let i = 0; i < 50; i++) step()
  let runs = 0
  const start = process.cpuUsage()
  const until = performance.now() + runMs
  while (performance.now() < until) {
    for (let i = 0; i < 10; i++) step()
    runs += 10
  }
  const { user, system } = process.cpuUsage(start)
  const ns = ((user + system) * 1000) / (runs * spans)
  const megabytes = (bytesPerSpan / ns) * 1000
  console.log(`${name.padEnd(44)} ${ns.toFixed(1).padStart(8)} ns/span ${megabytes.toFixed(0).padStart(8)} MB/s`)
}

const requests = Array.from({ length: 20 }, (_, seed) => traceRequest(seed))
const batches = requests.map((bytes) => readOtelRequest(bytes, 'otel.traces'))
const bytesPerSpan = requests[0]!.length / spansPerRequest
const merged = mergeOtel(batches)
const frame = encodeOtelFrame(merged)
let turn = 0

console.log(`${requests[0]!.length} bytes a request, ${bytesPerSpan} a span`)
measure('check framing to the last value, and count', spansPerRequest, () =>
  checkOtelRequest(requests[turn++ % requests.length]!, 'otel.traces'),
)
measure('walk to every span', spansPerRequest, () => {
  const bytes = requests[turn++ % requests.length]!
  let found = 0
  for (const resource of resourcesOf(bytes)) {
    for (const scope of scopesOf(bytes, resource)) for (const span of recordsOf(bytes, scope)) found += span.end
  }
  return found
})
measure('merge 20 requests', merged.count, () => mergeOtel(batches))
measure('split 2000 spans into pieces of 512', merged.count, () => splitOtel(merged, 512))
measure('encode frame', merged.count, () => encodeOtelFrame(merged))
measure('decode frame', merged.count, () => decodeOtelFrame(frame))
