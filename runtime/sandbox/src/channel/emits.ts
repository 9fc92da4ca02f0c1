import { refused, type Outcome } from '@ingot/sdk'
import { decodeFrame } from '@ingot/telemetry'
import type { Limits } from '../limits.ts'
import type { Frame } from '../protocol/frame.ts'
import { encodeValue } from '../protocol/value.ts'
import type { ChannelEvents } from './channel-options.ts'
import type { ComponentArguments } from './component-arguments.ts'
import type { DeliveryWindow } from './delivery-window.ts'
import { frameMemory } from './frame-memory.ts'

export interface EmitsOptions {
  readonly limits: Limits
  readonly events: ChannelEvents
  readonly arguments: ComponentArguments
  readonly window: DeliveryWindow
  /** Answers the emit that came in the given frame. */
  readonly resume: (frame: Frame, payload: Uint8Array) => void
  readonly generation: () => number
}

/** What a component emits: checked, bounded, sent on, and its outcome given back. */
export class Emits {
  readonly #options: EmitsOptions
  #looseBytes = 0
  #running = 0

  constructor(options: EmitsOptions) {
    this.#options = options
  }

  /** Emits whose fate is open. */
  get running(): number {
    return this.#running
  }

  /** @throws when what came is not a batch, or goes to no output: then the module is hostile. */
  take(frame: Frame): void {
    const { limits, events, window, resume } = this.#options
    const { payload, owner, index } = frame
    const delivery = window.get(owner)
    if (delivery && !delivery.admits(payload.length, limits.outputPerInputMax, limits.outputBytesMax)) {
      const message = `Cannot emit: output is bounded to ${limits.outputPerInputMax} times the input`
      resume(frame, encodeValue({ error: { name: 'CapabilityError', code: 'too_large', message } }))
      return
    }
    if (window.isCondemned(owner) || (!delivery && this.#looseBytes + payload.length > limits.looseBytesMax)) {
      resume(frame, encodeValue({ value: refused('busy') }))
      return
    }
    // Checked here, before anyone uses it: a frame that is not a batch is the work of a hostile module.
    const batch = decodeFrame(payload)
    const path = this.#options.arguments.outputPath(index)
    if (!path) throw new Error(`it emitted to output ${index}, which it does not have`)
    const send = () => events.emit(path, batch)
    // A batch of log entries may be overwritten once it is settled; of others nobody has promised that.
    const onDone = (): void => {
      if (batch.type === 'loki.logs') frameMemory.give(payload)
    }
    this.#answer(
      frame,
      delivery ? delivery.emit(index, payload, batch.count, send, onDone) : send(),
      delivery ? 0 : payload.length,
    )
  }

  #answer(frame: Frame, outcome: Promise<Outcome>, looseBytes: number): void {
    const { generation, resume } = this.#options
    const asked = generation()
    this.#looseBytes += looseBytes
    this.#running++
    void outcome
      .catch((error: Error): Outcome => refused(error.message))
      .then((settled) => {
        this.#looseBytes -= looseBytes
        this.#running--
        if (asked === generation()) resume(frame, encodeValue({ value: settled }))
      })
  }
}
