import type { Loss } from '../channel/runner-session.ts'
import type { Frame, FrameHead } from '../protocol/frame.ts'
import { encodeFrameEntry, encodeLossEntry } from './entry.ts'

/** What goes to a runner and what comes from it, in its order. */
export interface Tape {
  /** The payload may change afterwards. */
  sent(head: FrameHead, payload: Uint8Array): void
  received(frame: Frame): void
  lost(loss: Loss): void
}

/** Writes each of them as an entry of a recording, in memory of its own, until it is stopped. */
export class RecordingTape implements Tape {
  #write: ((entry: Uint8Array<ArrayBuffer>) => void) | undefined

  constructor(write: (entry: Uint8Array<ArrayBuffer>) => void) {
    this.#write = write
  }

  stop(): void {
    this.#write = undefined
  }

  sent(head: FrameHead, payload: Uint8Array): void {
    this.#write?.(encodeFrameEntry('sent', head, payload))
  }

  received(frame: Frame): void {
    this.#write?.(encodeFrameEntry('received', frame, frame.payload))
  }

  lost(loss: Loss): void {
    this.#write?.(encodeLossEntry(loss))
  }
}
