import { ModuleQuarantinedError } from '../control.ts'
import { IsolateLostError } from './isolate-lost-error.ts'

type State = 'idle' | 'starting' | 'ready' | 'quarantined' | 'failed' | 'stopped'

export interface LifeOptions {
  /** Loads the component into a fresh isolate and starts it there. @throws IsolateLostError when it is worth another try. */
  readonly start: () => Promise<void>
  readonly onReady: () => void
  /** The component cannot be started, now or ever. */
  readonly onFailed: () => void
}

const startPollMs = 5

/** Where a component is between its start and its end, through as many isolates as it takes. */
export class ComponentLife {
  readonly #options: LifeOptions
  #state: State = 'idle'
  #generation = 0

  constructor(options: LifeOptions) {
    this.#options = options
  }

  get ready(): boolean {
    return this.#state === 'ready'
  }

  get starting(): boolean {
    return this.#state === 'starting'
  }

  get quarantined(): boolean {
    return this.#state === 'quarantined'
  }

  /** It takes no batches any more, and never will. */
  get over(): boolean {
    return this.#state === 'stopped' || this.#state === 'failed'
  }

  get stopped(): boolean {
    return this.#state === 'stopped'
  }

  /** Counts isolates: what an earlier one was waiting for is not answered to a later one. */
  get generation(): number {
    return this.#generation
  }

  /** Loads and starts the component, again and again while isolates are lost on the way. @throws why it cannot run. */
  async bringUp(): Promise<void> {
    this.#state = 'starting'
    for (;;) {
      try {
        const generation = ++this.#generation
        await this.#options.start()
        if (this.stopped) return
        // Lost as soon as it had started: nobody else brings it up while it counts as starting.
        if (this.#generation !== generation) continue
        this.#state = 'ready'
        this.#options.onReady()
        return
      } catch (error) {
        if (this.stopped) return
        if (error instanceof IsolateLostError) continue
        this.#state = error instanceof ModuleQuarantinedError ? 'quarantined' : 'failed'
        if (this.#state === 'failed') this.#options.onFailed()
        throw error
      }
    }
  }

  /** The isolate is gone: what was asked in it has no answer. */
  isolateLost(): void {
    this.#generation++
  }

  stop(): void {
    this.#state = 'stopped'
  }

  async untilStarted(): Promise<void> {
    while (this.starting) await new Promise((resolve) => setTimeout(resolve, startPollMs))
  }
}
