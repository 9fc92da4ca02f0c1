/** The thread that examines inputs: what watches it stops it when it takes too long. */
import { parentPort, workerData } from 'node:worker_threads'
import { examine } from './examine.ts'
import { inputOf, type Input, type Kind } from './inputs.ts'

export interface WorkerOptions {
  readonly seed: number
  /** The number of the input under way; of a single input it stays. */
  readonly progress: SharedArrayBuffer
}
export type WorkerTask =
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'input'; readonly input: Input }
export type WorkerAnswer =
  | { readonly kind: 'passed'; readonly tally: Tally }
  | { readonly kind: 'failed'; readonly index: number; readonly reason: string; readonly stack: string }
/** Inputs of each kind, and those among them that are configurations without mistakes of grammar. */
export type Tally = Partial<Record<Kind, { inputs: number; wellFormed: number }>>

/** One input in this many is also expanded and checked, which takes ten times as long. */
const wholeEvery = 10

const { seed, progress } = workerData as WorkerOptions
const current = new BigInt64Array(progress)

parentPort!.on('message', (task: WorkerTask) => {
  parentPort!.postMessage(task.kind === 'range' ? examineRange(task) : examineOne(task.input))
})

function examineRange({ from, to }: { readonly from: number; readonly to: number }): WorkerAnswer {
  const tally: Tally = {}
  for (let index = from; index < to; index++) {
    Atomics.store(current, 0, BigInt(index))
    try {
      const { kind, input } = inputOf(seed, index)
      const counts = (tally[kind] ??= { inputs: 0, wellFormed: 0 })
      counts.inputs++
      if (examine(input, index % wholeEvery === 0)) counts.wellFormed++
    } catch (error) {
      return failed(index, error)
    }
  }
  return { kind: 'passed', tally }
}

function examineOne(input: Input): WorkerAnswer {
  try {
    examine(input, true)
    return { kind: 'passed', tally: {} }
  } catch (error) {
    return failed(0, error)
  }
}

function failed(index: number, error: unknown): WorkerAnswer {
  const { message, stack } = error instanceof Error ? error : new Error(String(error))
  return { kind: 'failed', index, reason: message, stack: stack ?? message }
}
