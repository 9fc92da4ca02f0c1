import { fromRunner, type Frame } from '../protocol/frame.ts'

/**
 * Which call of the recording a replayed call is, so that it gets that one's answer: the same code makes the same calls
 * under the same numbers, changed code may make others before. Emits are told apart by their output and batch alone:
 * what is emitted may have changed, its fate has not.
 */
export class CallIds {
  readonly #recorded = new Map<string, number[]>()
  readonly #toRecorded = new Map<number, number>()
  readonly #toReplayed = new Map<number, number>()

  constructor(said: Iterable<Frame>) {
    for (const frame of said) {
      if (!isCall(frame)) continue
      const ids = this.#recorded.get(keyOf(frame))
      if (ids) ids.push(frame.id)
      else this.#recorded.set(keyOf(frame), [frame.id])
    }
  }

  /** The frame with the number that it has in the recording; `undefined` when the recording has no such call. */
  recorded(frame: Frame): Frame | undefined {
    if (!isCall(frame)) return frame
    const id = this.#recorded.get(keyOf(frame))?.shift()
    if (id === undefined) return undefined
    this.#toRecorded.set(frame.id, id)
    this.#toReplayed.set(id, frame.id)
    return { ...frame, id }
  }

  /** The number under which the replayed module waits for the answer; `undefined` when it made no such call. */
  replayed(id: number): number | undefined {
    return this.#toReplayed.get(id)
  }
}

function isCall({ kind }: Frame): boolean {
  return kind === fromRunner.call || kind === fromRunner.emit || kind === fromRunner.syncCall
}

function keyOf({ kind, owner, index, payload }: Frame): string {
  const what = kind === fromRunner.emit ? String(index) : Buffer.from(payload).toString('latin1')
  return `${kind} ${owner} ${what}`
}
