import type { Frame } from '../protocol/frame.ts'
import { decodeValue } from '../protocol/value.ts'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** What the lane has asked the component and has no answer to yet. */
export class Questions {
  readonly #waiting = new Map<number, Waiting>()
  readonly #textMax: number

  constructor(textMax: number) {
    this.#textMax = textMax
  }

  ask(id: number, send: () => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      send()
    })
  }

  /** @throws when the answer is malformed. One that nobody waits for is ignored. */
  answered({ id, payload }: Frame): void {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    const { error, value } = decodeValue(payload) as { readonly error?: unknown; readonly value?: unknown }
    this.#waiting.delete(id)
    const failure = typeof error === 'string' ? error : (error as { readonly message?: unknown } | undefined)?.message
    if (failure === undefined) waiting.resolve(value)
    else waiting.reject(new Error(String(failure).slice(0, this.#textMax)))
  }

  /** Nobody will answer any more. */
  rejectAll(error: Error): void {
    const all = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const waiting of all) waiting.reject(error)
  }
}
