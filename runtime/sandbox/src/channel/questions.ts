import type { Limits } from '../limits.ts'
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
  readonly #valuesMax: number

  constructor({ errorTextBytesMax, valuesMax }: Pick<Limits, 'errorTextBytesMax' | 'valuesMax'>) {
    this.#textMax = errorTextBytesMax
    this.#valuesMax = valuesMax
  }

  /** `withinMs`: a component that has broken its own world may never answer. @throws when it does not. */
  ask(id: number, send: () => void, withinMs = Infinity): Promise<unknown> {
    const answer = new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      send()
    })
    if (withinMs === Infinity) return answer
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`The component does not answer within ${withinMs} ms`)), withinMs)
    })
    return Promise.race([answer, late]).finally(() => {
      clearTimeout(timer)
      this.#waiting.delete(id)
    })
  }

  /** @throws when the answer is malformed. One that nobody waits for is ignored. */
  answered({ id, payload }: Frame): void {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    const { error, value } = decodeValue(payload, undefined, this.#valuesMax) as {
      readonly error?: unknown
      readonly value?: unknown
    }
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
