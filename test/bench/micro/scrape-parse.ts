/**
 * Nanoseconds of CPU a sample for what scrape → remote write does with bytes: parse, encode, compress.
 * `node test/bench/micro/scrape-parse.ts [series] [seconds per part]`. Lines are 217 bytes on average, 40 % of the values
 * change from scrape to scrape, 15 % of them have more digits than a double holds exactly.
 */
import {
  decodeMetricsFrame,
  encodeMetricsFrame,
  ExpositionParser,
  Labels,
  RemoteWriteEncoder,
  SeriesArena,
  snappyCompress,
  wordsOf,
  type MetricsBatch,
} from '@ingot/telemetry'

const seriesCount = Number(process.argv[2] ?? 100_000)
const seconds = Number(process.argv[3] ?? 2)
const variants = 3
const pieceBytes = 64 << 10
const samplesPerRequest = 2000

const hex = (i: number, length: number) =>
  Math.imul(i + 1, 2654435761)
    .toString(16)
    .replace('-', '')
    .repeat(4)
    .slice(0, length)
const names = [
  'kube_pod_container_status_ready',
  'container_cpu_usage_seconds_total',
  'node_network_receive_bytes_total',
  'http_request_duration_seconds_bucket',
]

function valueOf(i: number, variant: number): string {
  const changing = i % 5 < 2 ? variant : 0
  if (i % 20 < 3) return String(Math.sqrt(i + changing + 2))
  return i % 4 === 1 ? (i * 7.31 + changing * 0.173).toFixed(6) : String(i * 1003 + changing)
}
function line(i: number, variant: number): string {
  const labels = `namespace="team-${i % 40}",pod="checkout-service-${hex(i % 499, 8)}-${hex(i % 97, 5)}",uid="${hex(i, 8)}-4a7b-9c1d-${hex(i + 7, 12)}",container="app-${i}",region="eu-central-1",zone="b",node="ip-10-${i % 200}-17.compute.internal"`
  return `${names[i % 4]}{${labels}} ${valueOf(i, variant)}\n`
}
const bodies = Array.from({ length: variants }, (_, variant) => {
  let text = ''
  for (let i = 0; i < seriesCount; i++) text += line(i, variant)
  return new TextEncoder().encode(text)
})

const table = new SeriesArena()
const parser = new ExpositionParser((pairs) =>
  table.add(Labels.from([...pairs, ['instance', '10.0.0.1:9100'], ['job', 'bench']])),
)
let turn = 0

function parse(): void {
  const body = bodies[turn++ % variants]!
  parser.begin({ format: 'text', honorTimestamps: true })
  for (let at = 0; at < body.length; at += pieceBytes) parser.push(body.subarray(at, at + pieceBytes))
  parser.end()
  parser.samples.ended(false)
}

function batch(): MetricsBatch {
  const { samples } = parser
  return {
    type: 'prometheus.metrics',
    count: samples.count,
    table,
    series: samples.column,
    values: samples.values.slice(0, samples.count),
    timestamps: new Float64Array(samples.count).fill(1_790_000_000_000 + turn * 5000),
  }
}

const encoder = new RemoteWriteEncoder()
let wireBytes = 0
function encode(current: MetricsBatch, compress: boolean): void {
  const words = wordsOf(current.values)
  wireBytes = 0
  encoder.reset()
  for (let i = 0; i < current.count; i++) {
    encoder.sample(table, current.series[i]!, words, i, current.timestamps[i]!)
    if (encoder.samples < samplesPerRequest && i < current.count - 1) continue
    wireBytes += compress ? snappyCompress(encoder.view()).length : encoder.length
    encoder.reset()
  }
}

function measure(name: string, work: () => void): number {
  work()
  const start = process.cpuUsage()
  const end = performance.now() + seconds * 1000
  let rounds = 0
  for (; performance.now() < end; rounds++) work()
  const { user, system } = process.cpuUsage(start)
  const nanos = ((user + system) * 1000) / rounds / seriesCount
  console.log(`${name.padEnd(34)} ${nanos.toFixed(0).padStart(6)} ns/sample`)
  return nanos
}

const cold = process.cpuUsage()
parse()
const { user, system } = process.cpuUsage(cold)
console.log(`${seriesCount} series, ${(bodies[0]!.length / seriesCount).toFixed(0)} bytes a line`)
console.log(`${'first scrape'.padEnd(34)} ${(((user + system) * 1000) / seriesCount).toFixed(0).padStart(6)} ns/sample`)
measure('parse', parse)
const current = batch()
measure('encode', () => encode(current, false))
measure('encode + snappy', () => encode(current, true))
measure('parse + encode + snappy', () => {
  parse()
  encode(batch(), true)
})
console.log(`${'on the wire'.padEnd(34)} ${(wireBytes / seriesCount).toFixed(1).padStart(6)} bytes/sample`)
let frame = encodeMetricsFrame(current)
measure('frame encode', () => {
  frame = encodeMetricsFrame(current)
})
measure('frame decode', () => void decodeMetricsFrame(frame))
