import { describeFrame, nameOf, sameFrame, type DescribedFrame, type ReplayedStep, type Step } from '@ingot/engine'

/** Turns that belong together: those of one batch, or one turn of none (its start, a timer, an answer). */
export interface ReplayedBatch {
  /** Number of the batch: 0 for none. */
  readonly batch: number
  readonly what: string
  readonly steps: readonly ReplayedStep[]
}

/** Batches of a recording. One that was tried again counts once. */
export function batchesOf(steps: readonly Step[]): number {
  return new Set(steps.map(({ frame }) => frame.owner).filter((batch) => batch !== 0)).size
}

/** Gathers turns into batches, each given when its fate is settled, its isolate is lost, or the recording ends. */
export async function* gatherBatches(steps: AsyncIterable<ReplayedStep>): AsyncGenerator<ReplayedBatch> {
  const open = new Map<number, ReplayedStep[]>()
  for await (const step of steps) {
    const batch = step.step.frame.owner
    if (batch === 0) {
      yield batchOf(0, [step])
      continue
    }
    const turns = open.get(batch) ?? []
    open.set(batch, turns)
    turns.push(step)
    const settled = [...step.step.said, ...step.said].some((frame) => nameOf(frame) === 'settled')
    const over = settled || step.end === 'lost' || step.step.end === 'lost'
    if (!over) continue
    open.delete(batch)
    yield batchOf(batch, turns)
  }
  for (const [batch, turns] of open) yield batchOf(batch, turns)
}

function batchOf(batch: number, steps: readonly ReplayedStep[]): ReplayedBatch {
  return { batch, what: nameOf(steps[0]!.step.frame), steps }
}

export interface Difference {
  readonly expected: DescribedFrame | string | undefined
  readonly found: DescribedFrame | string | undefined
}

/** The first thing that the module said otherwise; `undefined` when it said the same. */
export function firstDifference({ steps }: ReplayedBatch): Difference | undefined {
  const differing = steps.find(({ same }) => !same)
  if (!differing) return undefined
  const { step, said, loss, end } = differing
  if (end !== step.end) return { expected: endOf(step.end, step.loss), found: endOf(end, loss) }
  const length = Math.max(step.said.length, said.length)
  for (let i = 0; i < length; i++) {
    const [expected, found] = [step.said[i], said[i]]
    if (!sameFrame(expected, found))
      return { expected: expected && describeFrame(expected), found: found && describeFrame(found) }
  }
  return undefined
}

/** How a turn ended, for people. */
export function endOf(end: Step['end'], loss: ReplayedStep['loss']): string {
  if (end !== 'lost') return 'the turn ends'
  return loss ? `the isolate is lost: ${loss.reason}, ${loss.detail}` : 'the isolate is lost'
}
