import {
  RemoteWriteEncoder,
  wordsOf,
  type Exemplar,
  type MetricMetadata,
  type MetricsBatch,
  type SeriesTable,
} from '@ingot/telemetry'
import { leftOut } from '@ingot/kits'
import type { Clock, Codec } from '@ingot/sdk'
import type { OutgoingTables } from './outgoing-series.ts'
import { encodeRecord } from './request-record.ts'

/** A request is finished at this size even when it may hold more samples: receivers bound what they decode. */
const requestBytesMax = 4 << 20

export interface BuilderOptions {
  readonly tables: OutgoingTables
  readonly samplesMax: number
  readonly sendExemplars: boolean
  readonly codec: Codec
  readonly clock: Clock
  /** Takes a finished request. */
  append(record: Uint8Array, samples: number): void
}

/** Encodes samples into requests. It holds one unfinished request; `finish` ends it. */
export class RequestBuilder {
  readonly #options: BuilderOptions
  readonly #encoder = new RemoteWriteEncoder()
  #epoch = 0
  #newestMs = -Infinity
  /** Tables that the epoch has samples of. */
  readonly #tables = new Set<SeriesTable>()

  constructor(options: BuilderOptions, firstEpoch: number) {
    this.#options = options
    this.#epoch = firstEpoch
  }

  /** Samples of the unfinished request. */
  get samples(): number {
    return this.#encoder.samples
  }

  /** Adds a batch. @returns how many samples the write rules left out. */
  add(batch: MetricsBatch): number {
    // A table twice means series twice: what follows must not overtake what was before.
    const serial = hasOwnTimes(batch)
    if (serial || this.#tables.has(batch.table)) this.endEpoch()
    this.#tables.add(batch.table)
    const { samplesMax } = this.#options
    const outgoing = this.#options.tables.for(batch.table)
    const { table } = outgoing
    const encoder = this.#encoder
    const words = wordsOf(batch.values)
    const exemplars = this.#options.sendExemplars && batch.exemplars ? bySample(batch.exemplars) : undefined
    const { series, timestamps } = batch
    let dropped = 0
    for (let i = 0; i < batch.count; i++) {
      const id = outgoing.of(series[i]!)
      if (id === leftOut) {
        dropped++
        continue
      }
      const time = timestamps[i]!
      encoder.sample(table, id, words, i, time, exemplars?.get(i))
      if (time > this.#newestMs) this.#newestMs = time
      if (encoder.samples < samplesMax && encoder.length < requestBytesMax) continue
      if (serial) this.endEpoch()
      else this.finish()
    }
    return dropped
  }

  /** Requests of metric metadata, apart from samples. */
  addMetadata(families: ReadonlyMap<string, MetricMetadata>, familiesMax: number): void {
    this.finish()
    for (const [name, metadata] of families) {
      this.#encoder.family(name, metadata)
      if (this.#encoder.metadata >= familiesMax) this.finish()
    }
    this.finish()
  }

  /** Ends the unfinished request and hands it over. */
  finish(): void {
    const encoder = this.#encoder
    if (encoder.length === 0) return
    const { clock, codec, append } = this.#options
    const record = encodeRecord({
      epoch: this.#epoch,
      createdMs: clock.now(),
      newestMs: encoder.samples > 0 ? this.#newestMs : clock.now(),
      samples: encoder.samples,
      exemplars: encoder.exemplars,
      metadata: encoder.metadata,
      body: codec.snappy(encoder.view()),
    })
    const { samples } = encoder
    encoder.reset()
    this.#newestMs = -Infinity
    append(record, samples)
  }

  endEpoch(): void {
    this.finish()
    this.#epoch++
    this.#tables.clear()
  }
}

/** Whether a series may be in the batch more than once: only with timestamps of its own can it. */
function hasOwnTimes(batch: MetricsBatch): boolean {
  const { timestamps, count } = batch
  for (let i = 1; i < count; i++) if (timestamps[i] !== timestamps[0]) return true
  return false
}

function bySample(exemplars: readonly Exemplar[]): Map<number, Exemplar> {
  return new Map(exemplars.map((exemplar) => [exemplar.sample, exemplar]))
}
