import { Labels } from '../labels.ts'
import { ProtobufReader } from '../protobuf/protobuf-reader.ts'
import { ProtobufWriter } from '../protobuf/protobuf-writer.ts'
import type { Exemplar, MetricMetadata, MetricsBatch } from './batch.ts'
import { FrameSeries } from './frame-series.ts'
import { decodeLabels, encodeLabels } from './labels-codec.ts'

/** `IFM1`, little-endian: the first word of a frame of metrics. */
const metricsMagic = 0x31_4d_46_49
const headerBytes = 32
const metadataTypes = [
  'unknown',
  'counter',
  'gauge',
  'histogram',
  'gaugehistogram',
  'summary',
  'info',
  'stateset',
] as const

/**
 * A self-contained copy of a batch: header (magic, samples, series, bytes of labels, bytes of the rest), values,
 * timestamps, series numbers, lengths of labels, labels, then exemplars and metadata. Words are little-endian, and
 * numbers stand at multiples of their size.
 */
export function encodeMetricsFrame(batch: MetricsBatch): Uint8Array<ArrayBuffer> {
  const { count, table } = batch
  const numbers = new Uint32Array(table.size)
  const used = new Uint32Array(Math.min(count, table.size))
  const series = new Uint32Array(count)
  let seriesCount = 0
  let labelBytes = 0
  for (let i = 0; i < count; i++) {
    const id = batch.series[i]!
    if (numbers[id] === 0) {
      used[seriesCount] = id
      numbers[id] = ++seriesCount
      labelBytes += table.encodedLength(id)
    }
    series[i] = numbers[id]! - 1
  }
  const rest = encodeRest(batch)
  const labelsAt = headerBytes + count * 20 + seriesCount * 4
  const frame = new Uint8Array(labelsAt + labelBytes + rest.length)
  new Uint32Array(frame.buffer, 0, 5).set([metricsMagic, count, seriesCount, labelBytes, rest.length])
  frame.set(bytesOf(batch.values, count), headerBytes)
  frame.set(bytesOf(batch.timestamps, count), headerBytes + count * 8)
  new Uint32Array(frame.buffer, headerBytes + count * 16, count).set(series)
  const lengths = new Uint32Array(frame.buffer, headerBytes + count * 20, seriesCount)
  let at = labelsAt
  for (let i = 0; i < seriesCount; i++) {
    lengths[i] = table.encodedLength(used[i]!)
    at = table.copyEncoded(used[i]!, frame, at)
  }
  frame.set(rest, at)
  return frame
}

/**
 * The batch of a frame, checked through and through. It views `bytes` (or a copy, where they are not aligned), which
 * must not change afterwards.
 * @throws Error when the frame is malformed.
 */
export function decodeMetricsFrame(bytes: Uint8Array): MetricsBatch {
  const frame = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
  if (frame.length < headerBytes) throw malformed('it is shorter than its header')
  const { buffer, byteOffset } = frame
  const [magic, count, seriesCount, labelBytes, restBytes] = new Uint32Array(buffer, byteOffset, 5)
  if (magic !== metricsMagic) throw malformed('it does not begin as one')
  const labelsAt = headerBytes + count! * 20 + seriesCount! * 4
  if (labelsAt + labelBytes! + restBytes! !== frame.length) throw malformed('its length is not what its header says')
  const series = new Uint32Array(buffer, byteOffset + headerBytes + count! * 16, count)
  for (let i = 0; i < series.length; i++)
    if (series[i]! >= seriesCount!)
      throw malformed(`sample ${i} is of series ${series[i]}, want less than ${seriesCount}`)
  const lengths = new Uint32Array(buffer, byteOffset + headerBytes + count! * 20, seriesCount)
  const labels = frame.subarray(labelsAt, labelsAt + labelBytes!)
  return {
    type: 'prometheus.metrics',
    count: count!,
    table: new FrameSeries(labels, lengths),
    series,
    values: new Float64Array(buffer, byteOffset + headerBytes, count),
    timestamps: new Float64Array(buffer, byteOffset + headerBytes + count! * 8, count),
    ...decodeRest(frame.subarray(labelsAt + labelBytes!), count!),
  }
}

/** Exemplars as field 1, metadata as field 2: both are few. */
function encodeRest(batch: MetricsBatch): Uint8Array {
  const writer = new ProtobufWriter(64)
  for (const exemplar of batch.exemplars ?? []) {
    const mark = writer.begin(1)
    writer.uintField(1, exemplar.sample)
    writer.bytesField(2, encodeLabels(exemplar.labels))
    writer.doubleField(3, exemplar.value)
    if (exemplar.timestampMs !== undefined) writer.doubleField(4, exemplar.timestampMs)
    writer.end(mark)
  }
  for (const [name, { type, help, unit }] of batch.metadata ?? []) {
    const mark = writer.begin(2)
    writer.stringField(1, name)
    writer.uintField(2, metadataTypes.indexOf(type))
    writer.stringField(3, help)
    writer.stringField(4, unit)
    writer.end(mark)
  }
  return writer.view()
}

function decodeRest(
  bytes: Uint8Array,
  count: number,
): { exemplars?: Exemplar[]; metadata?: Map<string, MetricMetadata> } {
  const exemplars: Exemplar[] = []
  const metadata = new Map<string, MetricMetadata>()
  const reader = new ProtobufReader(bytes)
  while (reader.next()) {
    if (reader.field === 1) exemplars.push(decodeExemplar(reader.message(), count))
    else if (reader.field === 2) metadata.set(...decodeFamily(reader.message()))
    else reader.skip()
  }
  return { ...(exemplars.length > 0 ? { exemplars } : {}), ...(metadata.size > 0 ? { metadata } : {}) }
}

function decodeExemplar(reader: ProtobufReader, count: number): Exemplar {
  let sample = -1
  let labels = Labels.empty
  let value = NaN
  let timestampMs: number | undefined
  while (reader.next()) {
    if (reader.field === 1) sample = reader.varint()
    else if (reader.field === 2) labels = decodeLabels(reader.view())
    else if (reader.field === 3) value = reader.double()
    else if (reader.field === 4) timestampMs = reader.double()
    else reader.skip()
  }
  if (sample < 0 || sample >= count) throw malformed(`an exemplar belongs to sample ${sample}, want less than ${count}`)
  return { sample, labels, value, timestampMs }
}

function decodeFamily(reader: ProtobufReader): [string, MetricMetadata] {
  let name = ''
  let type: MetricMetadata['type'] | undefined
  let help = ''
  let unit = ''
  while (reader.next()) {
    if (reader.field === 1) name = reader.string()
    else if (reader.field === 2) type = metadataTypes[reader.varint()]
    else if (reader.field === 3) help = reader.string()
    else if (reader.field === 4) unit = reader.string()
    else reader.skip()
  }
  if (name === '' || type === undefined) throw malformed('metadata without a name or a type')
  return [name, { type, help, unit }]
}

function bytesOf(column: Float64Array, count: number): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, count * 8)
}

function malformed(found: string): Error {
  return new Error(`Cannot read a frame of metrics: ${found}`)
}
