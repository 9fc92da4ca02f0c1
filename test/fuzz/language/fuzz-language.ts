import { inputOf, type Input, type Kind } from './inputs.ts'
import { minimize } from './minimize.ts'
import { type Failure, WatchedWorker } from './watched-worker.ts'
import type { Tally } from './worker.ts'

/** The process and its thread together: the heap of the thread is bounded apart. */
const rssBytesMax = 1024 * 1024 * 1024
/** Inputs that the thread is given at once. */
const batchInputs = 2_000

export interface FuzzOptions {
  readonly inputs: number
  readonly seed: number
  readonly progress?: (done: number, rssBytes: number) => void
}
export interface FuzzResult {
  readonly tally: Readonly<Tally>
  readonly rssBytesMax: number
  readonly failure: (Failure & { readonly kind: Kind; readonly minimized: Input }) | undefined
}

/** Examines inputs until one fails. */
export async function fuzzLanguage({ inputs, seed, progress }: FuzzOptions): Promise<FuzzResult> {
  const worker = new WatchedWorker(seed)
  const tally: Tally = {}
  const result = { tally, failure: undefined }
  try {
    for (let from = 0; from < inputs; from += batchInputs) {
      const to = Math.min(inputs, from + batchInputs)
      const failure = await worker.examineRange(from, to, (counts) => add(tally, counts))
      progress?.(failure ? failure.index : to, worker.rssBytesMax)
      if (failure) return { ...result, rssBytesMax: worker.rssBytesMax, failure: await explain(worker, seed, failure) }
      if (worker.rssBytesMax > rssBytesMax) {
        throw new Error(`${to} inputs have taken ${worker.rssBytesMax} bytes, at most ${rssBytesMax} are allowed`)
      }
    }
    return { ...result, rssBytesMax: worker.rssBytesMax }
  } finally {
    await worker.close()
  }
}

async function explain(worker: WatchedWorker, seed: number, failure: Failure): Promise<FuzzResult['failure']> {
  const { kind, input } = inputOf(seed, failure.index)
  const fails = async (shorter: Input): Promise<boolean> => (await worker.examine(shorter))?.reason === failure.reason
  return { ...failure, kind, minimized: await minimize(input, fails) }
}

function add(tally: Tally, counts: Tally): void {
  for (const [kind, { inputs, wellFormed }] of Object.entries(counts) as [Kind, NonNullable<Tally[Kind]>][]) {
    const sum = (tally[kind] ??= { inputs: 0, wellFormed: 0 })
    sum.inputs += inputs
    sum.wellFormed += wellFormed
  }
}
