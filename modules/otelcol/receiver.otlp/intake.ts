import { outputFor, signalCounters, type OtelOutput } from '@ingot/kits'
import type { Ledger, Metrics, Outcome } from '@ingot/sdk'
import type { OtelBatch, OtelSignal } from '@ingot/telemetry'

/** Bytes of requests, uncompressed, that one protocol's clients may have waiting for their fate at once. */
const inFlightBytesMax = 256 * 2 ** 20

/** What a request comes to, in the words of both protocols. */
export type IntakeResult =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'partial'; readonly rejected: number; readonly message: string }
  | { readonly kind: 'overloaded'; readonly retryAfterMs: number }
  | { readonly kind: 'refused'; readonly message: string; readonly retryAfterMs: number }

/** Wait that clients are asked for, where nothing downstream names one. */
const retryMs = 1000

/** Hands batches on, keeps the bytes under way bounded, and counts what was taken and what was not. */
export class Intake {
  readonly #output: OtelOutput
  readonly #ledger: Ledger
  readonly #accepted: (signal: OtelSignal, records: number) => void
  readonly #refused: (signal: OtelSignal, records: number) => void
  #inFlightBytes = 0

  constructor(output: OtelOutput, ledger: Ledger, metrics: Metrics, transport: string) {
    const labels = { transport }
    this.#output = output
    this.#ledger = ledger
    this.#accepted = signalCounters(
      metrics,
      (word) => `otelcol_receiver_accepted_${word}_total`,
      (word) => `Number of ${word} that were taken.`,
      labels,
    )
    this.#refused = signalCounters(
      metrics,
      (word) => `otelcol_receiver_refused_${word}_total`,
      (word) => `Number of ${word} that could not be taken.`,
      labels,
    )
  }

  /** Whether records of the signal go anywhere. */
  takes(signal: OtelSignal): boolean {
    return outputFor(this.#output, signal) !== undefined
  }

  async take(batch: OtelBatch): Promise<IntakeResult> {
    const output = outputFor(this.#output, batch.type)
    if (batch.count === 0 || !output) return { kind: 'accepted' }
    const bytes = batch.bytes.length
    if (this.#inFlightBytes > 0 && this.#inFlightBytes + bytes > inFlightBytesMax) {
      this.#refused(batch.type, batch.count)
      return { kind: 'overloaded', retryAfterMs: retryMs }
    }
    this.#inFlightBytes += bytes
    let outcome: Outcome
    try {
      outcome = await output.emit(batch)
    } finally {
      this.#inFlightBytes -= bytes
    }
    if (outcome.status === 'refused') {
      this.#refused(batch.type, batch.count)
      return { kind: 'refused', message: `refused: ${outcome.reason}`, retryAfterMs: outcome.retryAfterMs ?? retryMs }
    }
    // Records are ours from when they have gone on: a refused batch stays its sender's.
    this.#ledger.created(batch.count)
    this.#accepted(batch.type, batch.count)
    if (outcome.status === 'delivered') return { kind: 'accepted' }
    return { kind: 'partial', rejected: batch.count, message: `dropped: ${outcome.reason}` }
  }
}
