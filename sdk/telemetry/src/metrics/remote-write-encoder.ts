import { encodeUtf8 } from '../utf8/utf8.ts'
import { putVarint, varintSize, ProtobufWriter } from '../protobuf/protobuf-writer.ts'
import type { Exemplar, MetricMetadata, SeriesTable } from './batch.ts'
import { writeLabel } from './labels-codec.ts'

/** `MetricMetadata.MetricType` of remote write v1. */
const metadataTypes: Readonly<Record<MetricMetadata['type'], number>> = {
  unknown: 0,
  counter: 1,
  gauge: 2,
  histogram: 3,
  gaugehistogram: 4,
  summary: 5,
  info: 6,
  stateset: 7,
}
/** Tags and lengths of one series and one sample, at their longest. */
const overheadBytes = 48

/**
 * Builds a remote-write v1 `WriteRequest` (https://prometheus.io/docs/specs/prw/remote_write_spec/) in one buffer that
 * is used again. Labels are copied as they are encoded; per sample only a value and a time are written.
 */
export class RemoteWriteEncoder {
  /** Samples in the request so far. */
  samples = 0
  exemplars = 0
  metadata = 0
  #bytes = new Uint8Array(1 << 16)
  #view = new DataView(this.#bytes.buffer)
  #length = 0
  #scratch = new ProtobufWriter(256)
  #timeMs = NaN
  /** `timestamp` of the sample that is being written, as a varint: the same for a whole scrape. */
  readonly #time = new Uint8Array(10)
  #timeLength = 0

  reset(): void {
    this.#length = this.samples = this.exemplars = this.metadata = 0
  }

  /** Bytes of the request so far. */
  get length(): number {
    return this.#length
  }

  /** The request, as a view: valid until the next call. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length)
  }

  /**
   * Adds one series with one sample. `words` are the bits of the batch's values, `index` the sample's place in it: the
   * value is copied by its bits, which a NaN needs.
   */
  sample(
    table: SeriesTable,
    series: number,
    words: Uint32Array,
    index: number,
    timestampMs: number,
    exemplar?: Exemplar,
  ): void {
    if (timestampMs !== this.#timeMs) this.#setTime(timestampMs)
    const labels = table.encodedLength(series)
    const exemplarBytes = exemplar === undefined ? undefined : this.#encodeExemplar(exemplar)
    const sampleLength = 10 + this.#timeLength
    const size = labels + 2 + sampleLength + (exemplarBytes?.length ?? 0)
    this.#reserve(size + overheadBytes)
    const bytes = this.#bytes
    let at = this.#length
    bytes[at++] = 0x0a
    at = size < 0x80 ? putSmall(bytes, at, size) : putVarint(bytes, at, size)
    at = table.copyEncoded(series, bytes, at)
    bytes[at++] = 0x12
    bytes[at++] = sampleLength
    bytes[at++] = 0x09
    this.#view.setUint32(at, words[index * 2]!, true)
    this.#view.setUint32(at + 4, words[index * 2 + 1]!, true)
    at += 8
    bytes[at++] = 0x10
    for (let i = 0; i < this.#timeLength; i++) bytes[at++] = this.#time[i]!
    if (exemplarBytes !== undefined) {
      bytes.set(exemplarBytes, at)
      at += exemplarBytes.length
      this.exemplars++
    }
    this.#length = at
    this.samples++
  }

  /** Adds the metadata of one metric family. */
  family(name: string, metadata: MetricMetadata): void {
    const writer = this.#scratch
    writer.reset()
    const mark = writer.begin(3)
    const type = metadataTypes[metadata.type]
    if (type !== 0) writer.uintField(1, type)
    writer.stringField(2, name)
    if (metadata.help !== '') writer.bytesField(4, encodeUtf8(metadata.help))
    if (metadata.unit !== '') writer.stringField(5, metadata.unit)
    writer.end(mark)
    this.#reserve(writer.length)
    this.#bytes.set(writer.view(), this.#length)
    this.#length += writer.length
    this.metadata++
  }

  /** `TimeSeries.exemplars`: field 3, `Exemplar{labels = 1, value = 2, timestamp = 3}`. */
  #encodeExemplar(exemplar: Exemplar): Uint8Array {
    const writer = this.#scratch
    writer.reset()
    const mark = writer.begin(3)
    for (let i = 0; i < exemplar.labels.names.length; i++)
      writeLabel(writer, 1, exemplar.labels.names[i]!, exemplar.labels.values[i]!)
    writer.doubleField(2, exemplar.value)
    writer.int64Field(3, exemplar.timestampMs ?? this.#timeMs)
    writer.end(mark)
    return writer.view()
  }

  #setTime(timestampMs: number): void {
    const writer = this.#scratch
    writer.reset()
    writer.int64(timestampMs)
    this.#time.set(writer.view())
    this.#timeLength = writer.length
    this.#timeMs = timestampMs
  }

  #reserve(more: number): void {
    const needed = this.#length + more
    if (needed <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
    this.#view = new DataView(grown.buffer)
  }
}

function putSmall(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value
  return at + 1
}

/** Bytes that a series adds to a request, without exemplars: for cutting requests at a size. */
export function sampleBytesMax(labelBytes: number): number {
  return labelBytes + overheadBytes + varintSize(labelBytes)
}
