import { fromRunner } from '../protocol/frame.ts'
import type { ErrorValue } from '../protocol/messages.ts'
import { decodeValue, encodeValue, type Mark } from '../protocol/value.ts'
import { crossing, exactBuffer, type Bridge, type Crossing } from './bridge.ts'

const hiddenSecret = Symbol.for('ingot.secret')
/** Callbacks and signals that the lane may hold at once: a module that piles them up is refused. */
const handlesMax = 10_000

/** A callback's id travels in 16 bits. */
const callbackIdMax = 0xffff

/** What the arguments of one call refer to. */
interface Handles {
  readonly callbacks: number[]
  readonly signals: AbortSignal[]
}

interface Waiting {
  readonly owner: number
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
  readonly unmark: (mark: Mark) => unknown
}

export interface CallsOptions {
  readonly bridge: Bridge
  readonly callsPerTurnMax: number
  readonly argumentBytesMax: number
}

/** Requests of the module to its lane that are waiting for an answer, and what the lane may call back. */
export class Calls {
  readonly #bridge: Bridge
  readonly #callsPerTurnMax: number
  readonly #argumentBytesMax: number
  readonly #waiting = new Map<number, Waiting>()
  readonly #callbacks = new Map<number, (...args: unknown[]) => unknown>()
  #lastId = 0
  #lastCallback = 0
  #callsInTurn = 0
  /** The delivery on whose behalf the turn runs. */
  owner = 0

  constructor(options: CallsOptions) {
    this.#bridge = options.bridge
    this.#callsPerTurnMax = options.callsPerTurnMax
    this.#argumentBytesMax = options.argumentBytesMax
  }

  beginTurn(owner: number): void {
    this.owner = owner
    this.#callsInTurn = 0
  }

  /** Sends the parts of a batch's frame; resolves to what the lane answers. */
  emit(output: number, [head, tail]: readonly Uint8Array[]): Promise<unknown> {
    return this.#request(fromRunner.emit, output, exactBuffer(head!), refuseMark, tail && crossing(tail))
  }

  /** `unmark` makes the object that an answer stands for; with it, functions among the arguments outlive the call. */
  async call(
    target: string | number,
    method: string,
    args: readonly unknown[],
    unmark?: (mark: Mark) => unknown,
  ): Promise<unknown> {
    const handles: Handles = { callbacks: [], signals: [] }
    const payload = this.#encode(target, method, args, this.#lastId + 1, handles)
    const answer = this.#request(fromRunner.call, 0, payload, unmark ?? refuseMark)
    const id = this.#lastId
    const abort = () => void this.#bridge.post(fromRunner.abort, 0, 0, id, this.owner, undefined)
    for (const signal of handles.signals) {
      if (signal.aborted) abort()
      else signal.addEventListener('abort', abort)
    }
    try {
      return await answer
    } finally {
      for (const signal of handles.signals) signal.removeEventListener('abort', abort)
      if (!unmark) for (const callback of handles.callbacks) this.#callbacks.delete(callback)
    }
  }

  callSync(target: string | number, method: string, args: readonly unknown[]): unknown {
    this.#spend()
    this.#lastId++
    const id = this.#lastId
    const handles: Handles = { callbacks: [], signals: [] }
    const answer = this.#bridge.callSync(id, this.owner, this.#encode(target, method, args, id, handles))
    // What a synchronous call starts (watching a file) goes on until its signal fires.
    for (const signal of handles.signals)
      signal.addEventListener('abort', () => void this.#bridge.post(fromRunner.abort, 0, 0, id, 0, undefined))
    if (typeof answer === 'string')
      throw capabilityError({ name: 'CapabilityError', code: answer, message: 'The call failed' })
    const result = decodeValue(new Uint8Array(answer), refuseMark) as {
      readonly error?: ErrorValue
      readonly value?: unknown
    }
    if (result.error) throw capabilityError(result.error)
    return result.value
  }

  /** The owner of a waiting call: whose turn its answer begins. */
  ownerOf(id: number): number {
    return this.#waiting.get(id)?.owner ?? 0
  }

  resume(id: number, payload: ArrayBuffer): void {
    const waiting = this.#waiting.get(id)
    if (!waiting) return
    this.#waiting.delete(id)
    const result = decodeValue(new Uint8Array(payload), waiting.unmark) as {
      readonly error?: ErrorValue
      readonly value?: unknown
    }
    if (result.error) waiting.reject(capabilityError(result.error))
    else waiting.resolve(result.value)
  }

  /** The lane calls a function that the module has handed out. */
  async invoke(callback: number, payload: ArrayBuffer): Promise<unknown> {
    const found = this.#callbacks.get(callback)
    if (!found) throw new Error('Cannot call back: the function is no longer there')
    return found(...(decodeValue(new Uint8Array(payload), refuseMark) as unknown[]))
  }

  #request(
    kind: number,
    index: number,
    payload: ArrayBuffer,
    unmark: (mark: Mark) => unknown,
    tail?: Crossing,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#spend()
      const id = ++this.#lastId
      const refusal = this.#bridge.post(kind, 0, index, id, this.owner, payload, tail?.buffer, tail?.from, tail?.to)
      if (refusal !== '') {
        reject(capabilityError({ name: 'CapabilityError', code: refusal, message: 'The host refused the call' }))
        return
      }
      this.#waiting.set(id, { owner: this.owner, resolve, reject, unmark })
    })
  }

  #spend(): void {
    if (++this.#callsInTurn > this.#callsPerTurnMax) {
      throw capabilityError({
        name: 'CapabilityError',
        code: 'full',
        message: `Cannot call the host: at most ${this.#callsPerTurnMax} calls fit into one turn`,
      })
    }
  }

  #encode(
    target: string | number,
    method: string,
    args: readonly unknown[],
    call: number,
    handles: Handles,
  ): ArrayBuffer {
    const encoded = encodeValue({ target, method, args }, (value) => this.#mark(value, call, handles))
    if (encoded.length > this.#argumentBytesMax) {
      throw capabilityError({
        name: 'CapabilityError',
        code: 'too_large',
        message: `Cannot call the host with ${encoded.length} bytes: at most ${this.#argumentBytesMax} are allowed`,
      })
    }
    return exactBuffer(encoded)
  }

  #mark(value: object, call: number, handles: Handles): Mark | undefined {
    if (typeof value === 'function') {
      if (this.#callbacks.size >= handlesMax)
        throw new Error(`Cannot hand out a function: at most ${handlesMax} may be out`)
      const id = (this.#lastCallback = (this.#lastCallback % callbackIdMax) + 1)
      this.#callbacks.set(id, value as (...args: unknown[]) => unknown)
      handles.callbacks.push(id)
      return { kind: 'callback', id }
    }
    const secret = markSecret(value)
    if (secret) return secret
    if (!(value instanceof AbortSignal)) return undefined
    handles.signals.push(value)
    return { kind: 'signal', id: call }
  }
}

/** In place of a secret stands what the isolate knows of it. */
export function markSecret(value: object): Mark | undefined {
  return hiddenSecret in value ? { kind: 'secret', name: String(value[hiddenSecret]) } : undefined
}

/** The shape that `isCapabilityError` of the SDK knows. */
export function capabilityError(value: ErrorValue): Error {
  const error = new Error(value.message) as Error & { code?: string }
  error.name = value.name
  if (value.code !== undefined) error.code = value.code
  return error
}

function refuseMark(): never {
  throw new Error('Cannot read an answer: it holds an object that is not expected here')
}
