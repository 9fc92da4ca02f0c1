/**
 * What OTLP costs as bytes: nanoseconds of CPU time a span for each step between receiver and exporter.
 * `node test/bench/micro/otlp.ts`
 */
import {
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
import { spansPerRequest, traceRequest } from './otlp-requests.ts'

const runMs = 600

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
