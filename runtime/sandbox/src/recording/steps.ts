import type { Loss } from '../channel/runner-session.ts'
import { fromRunner, toRunner, type Frame } from '../protocol/frame.ts'
import type { LoadMessage } from '../protocol/messages.ts'
import type { Entry } from './entry.ts'

/** How a turn of the recording ended: `open` when the recording ends before it does. */
export type TurnEnd = 'done' | 'lost' | 'open'

/** One turn: the frame that began it, and what was said until its end. */
export interface Step {
  readonly frame: Frame
  /** Of a `load`. */
  readonly load: LoadMessage | undefined
  /** What the module said, but for the turn's end. */
  readonly said: readonly Frame[]
  /** The lane's answers to synchronous calls. */
  readonly answers: readonly Frame[]
  readonly end: TurnEnd
  readonly loss: Loss | undefined
  /** What the module read of clock and chance. */
  readonly readings: Uint8Array<ArrayBuffer>
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }
type OpenStep = Mutable<Step> & { readonly said: Frame[]; readonly answers: Frame[] }

/**
 * The turns of a recording. A runner runs them one after the other in the order of their frames, so the n-th end belongs
 * to the n-th frame; frames that were under way when an isolate was lost never began a turn.
 */
export function stepsOf(entries: Iterable<Entry>): Step[] {
  const steps: OpenStep[] = []
  let running: OpenStep[] = []
  const lose = (loss: Loss | undefined): void => {
    const [first, ...others] = running
    running = []
    if (first) Object.assign(first, { end: 'lost', loss })
    for (const other of others) steps.splice(steps.indexOf(other), 1)
  }
  for (const entry of entries) {
    if (entry.kind === 'lost') {
      const last = steps.at(-1)
      // A runner that says itself that its isolate is lost is heard first, and its lane then says the same.
      if (running.length > 0) lose(entry.loss)
      else if (last?.end === 'lost') last.loss ??= entry.loss
    } else if (entry.kind === 'sent') {
      const { frame } = entry
      if (frame.kind === toRunner.syncResult) running[0]?.answers.push(frame)
      else {
        const step = openStep(frame)
        steps.push(step)
        running.push(step)
      }
    } else if (entry.kind === 'received') {
      const { frame } = entry
      if (frame.kind === fromRunner.turnEnd)
        Object.assign(running.shift() ?? {}, { end: 'done', readings: frame.payload })
      else if (frame.kind === fromRunner.lost) lose(undefined)
      else running[0]?.said.push(frame)
    }
  }
  return steps
}

function openStep(frame: Frame): OpenStep {
  const load =
    frame.kind === toRunner.load ? (JSON.parse(new TextDecoder().decode(frame.payload)) as LoadMessage) : undefined
  return { frame, load, said: [], answers: [], end: 'open', loss: undefined, readings: new Uint8Array(0) }
}
