import { RecordingTape, type Tape } from '@ingot/sandbox'
import { BroadcastChannel } from 'node:worker_threads'

/** What travels on a recording's channel: entries to control, and from control that it has enough. */
export type RecordingMessage =
  | { readonly kind: 'entry'; readonly entry: Uint8Array<ArrayBuffer> }
  /** The instance is stopped. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'enough' }

/**
 * Sends what an instance's runner is told and says to control, which streams it to whoever records. The channel is the
 * recording's own: no other message waits behind it.
 */
export class Recorder {
  readonly #channel: BroadcastChannel
  readonly #tape: RecordingTape

  constructor(channel: string) {
    this.#channel = new BroadcastChannel(channel)
    this.#tape = new RecordingTape((entry) => this.#post({ kind: 'entry', entry }))
    this.#channel.addEventListener('message', (event) => {
      const { data } = event as unknown as { readonly data: RecordingMessage }
      if (data.kind !== 'enough') return
      this.#tape.stop()
      this.#channel.close()
    })
    this.#channel.unref()
  }

  get tape(): Tape {
    return this.#tape
  }

  close(): void {
    this.#tape.stop()
    this.#post({ kind: 'stopped' })
    this.#channel.close()
  }

  #post(message: RecordingMessage): void {
    this.#channel.postMessage(message)
  }
}
