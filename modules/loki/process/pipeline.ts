import { LogsBatchBuilder, type Labels, type LineText, type LogsBatch } from '@ingot/telemetry'
import { Entry } from './entry.ts'
import { LabelTransitions } from './label-transitions.ts'
import type { Step } from './step.ts'

export interface Processed {
  readonly batch: LogsBatch
  /** Entries left out, by reason. */
  readonly drops: ReadonlyMap<string, number>
}

const noDrops: ReadonlyMap<string, number> = new Map()

/** Puts every entry of a batch through the compiled stages. */
export class Pipeline {
  readonly #step: Step
  readonly #entry: Entry
  #builder = new LogsBatchBuilder(4096)
  #lastLabels: Labels | undefined
  #lastStream = 0

  constructor(step: Step, text: LineText) {
    this.#step = step
    this.#entry = new Entry(text, new LabelTransitions())
  }

  run(batch: LogsBatch): Processed {
    try {
      return this.#run(batch)
    } catch (error) {
      this.#builder = new LogsBatchBuilder(4096)
      throw error
    }
  }

  #run(batch: LogsBatch): Processed {
    const entry = this.#entry
    const step = this.#step
    let drops: Map<string, number> | undefined
    this.#builder.adopt(batch.arena)
    this.#lastLabels = undefined
    for (let i = 0; i < batch.count; i++) {
      entry.load(batch, i)
      step(entry)
      if (entry.dropReason === undefined) this.#add(entry)
      else {
        drops ??= new Map()
        drops.set(entry.dropReason, (drops.get(entry.dropReason) ?? 0) + 1)
      }
    }
    return { batch: this.#builder.build(), drops: drops ?? noDrops }
  }

  #add(entry: Entry): void {
    const builder = this.#builder
    if (entry.labels !== this.#lastLabels) {
      this.#lastLabels = entry.labels
      this.#lastStream = builder.stream(entry.labels)
    }
    const { seconds, nanos, metadata } = entry
    if (!entry.replaced) {
      builder.appendSpan(this.#lastStream, entry.start, entry.end, seconds, nanos, metadata)
      return
    }
    const line = entry.encodedLine()
    builder.append(this.#lastStream, line, 0, line.length, seconds, nanos, metadata)
  }
}
