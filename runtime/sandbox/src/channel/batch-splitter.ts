import type { Batch, LogsBatch, MetricsBatch } from '@ingot/telemetry'

/** Headers, labels and columns of a piece, generously. */
const perRecordBytes = 64
const reserveShare = 0.5

/** Cuts batches that are larger than a runner takes at once into pieces of consecutive records. */
export class BatchSplitter {
  readonly #bytesMax: number

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax * reserveShare
  }

  /** The pieces; `undefined` when the batch is small enough, or of a type that has no records to cut between. */
  split(batch: Batch): Batch[] | undefined {
    if (batch.type === 'loki.logs') {
      if (batch.arena.length + batch.count * perRecordBytes <= this.#bytesMax) return undefined
      return this.#cut(
        batch.count,
        (i) => batch.ends[i]! - batch.starts[i]! + perRecordBytes,
        (from, to) => sliceLogs(batch, from, to),
      )
    }
    if (batch.type !== 'prometheus.metrics' || batch.count * perRecordBytes <= this.#bytesMax) return undefined
    return this.#cut(
      batch.count,
      () => perRecordBytes,
      (from, to) => sliceMetrics(batch, from, to),
    )
  }

  #cut(
    count: number,
    bytesOf: (record: number) => number,
    slice: (from: number, to: number) => Batch,
  ): Batch[] | undefined {
    const pieces: Batch[] = []
    let from = 0
    let bytes = 0
    for (let i = 0; i < count; i++) {
      const more = bytesOf(i)
      if (i > from && bytes + more > this.#bytesMax) {
        pieces.push(slice(from, i))
        from = i
        bytes = 0
      }
      bytes += more
    }
    if (pieces.length === 0) return undefined
    pieces.push(slice(from, count))
    return pieces
  }
}

function sliceLogs(batch: LogsBatch, from: number, to: number): LogsBatch {
  const { metadata, ...columns } = batch
  return {
    ...columns,
    count: to - from,
    starts: batch.starts.subarray(from, to),
    ends: batch.ends.subarray(from, to),
    streamIds: batch.streamIds.subarray(from, to),
    seconds: batch.seconds.subarray(from, to),
    nanos: batch.nanos.subarray(from, to),
    ...(metadata && { metadata: metadata.slice(from, to) }),
  }
}

function sliceMetrics(batch: MetricsBatch, from: number, to: number): MetricsBatch {
  const { exemplars, metadata, ...columns } = batch
  const own = exemplars
    ?.filter(({ sample }) => sample >= from && sample < to)
    .map((exemplar) => ({ ...exemplar, sample: exemplar.sample - from }))
  return {
    ...columns,
    count: to - from,
    series: batch.series.subarray(from, to),
    values: batch.values.subarray(from, to),
    timestamps: batch.timestamps.subarray(from, to),
    ...(own && own.length > 0 && { exemplars: own }),
    ...(metadata && from === 0 && { metadata }),
  }
}
