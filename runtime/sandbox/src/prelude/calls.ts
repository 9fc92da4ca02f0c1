import { fromRunner } from '../protocol/frame.ts'
import type { ErrorValue } from '../protocol/messages.ts'
import { decodeValue, encodeValue, type Mark } from '../protocol/value.ts'
import { exactBuffer, type Bridge } from './bridge.ts'

const hiddenSecret = Symbol.for('ingot.secret')
/** Callbacks and signals that the lane may hold at once: a module that piles them up is refused. */
const handlesMax = 10_000

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

  /** Sends a batch; resolves to what the lane answers. */
  emit(output: number, frame: Uint8Array): Promise<unknown> {
    return this.#request(fromRunner.emit, output, exactBuffer(frame), refuseMark)
  }

  call(target: string | number, method: string, args: readonly unknown[], unmark: (mark: Mark) => unknown = refuseMark): Promise<unknown> {
    const id = this.#lastId + 1
    let payload: ArrayBuffer
    let signals: (() => void)[]
    try {
      ;[payload, signals] = this.#encode(target, method, args, id)
    } catch (error) {
      return Promise.reject(error)
    }
    const answer = this.#request(fromRunner.call, 0, payload, unmark)
    for (const connect of signals) connect()
    return answer
  }

  callSync(target: string | number, method: string, args: readonly unknown[]): unknown {
    this.#spend()
    this.#lastId++
    const [payload] = this.#encode(target, method, args, this.#lastId)
    const answer = this.#bridge.callSync(this.#lastId, this.owner, payload)
    if (typeof answer === 'string') throw capabilityError({ name: 'CapabilityError', code: answer, message: 'The call failed' })
    const result = decodeValue(new Uint8Array(answer), refuseMark) as { readonly error?: ErrorValue; readonly value?: unknown }
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
    const result = decodeValue(new Uint8Array(payload), waiting.unmark) as { readonly error?: ErrorValue; readonly value?: unknown }
    if (result.error) waiting.reject(capabilityError(result.error))
    else waiting.resolve(result.value)
  }

  /** The lane calls a function that the module has handed out. */
  async invoke(callback: number, payload: ArrayBuffer): Promise<unknown> {
    const found = this.#callbacks.get(callback)
    if (!found) throw new Error('Cannot call back: the function is no longer there')
    return found(...(decodeValue(new Uint8Array(payload), refuseMark) as unknown[]))
  }

  #request(kind: number, index: number, payload: ArrayBuffer, unmark: (mark: Mark) => unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#spend()
      const id = ++this.#lastId
      const refusal = this.#bridge.post(kind, 0, index, id, this.owner, payload)
      if (refusal !== '') {
        reject(capabilityError({ name: 'CapabilityError', code: refusal, message: 'The host refused the call' }))
        return
      }
      this.#waiting.set(id, { owner: this.owner, resolve, reject, unmark })
    })
  }

  #spend(): void {
    if (++this.#callsInTurn > this.#callsPerTurnMax) {
      throw capabilityError({ name: 'CapabilityError', code: 'full', message: `Cannot call the host: at most ${this.#callsPerTurnMax} calls fit into one turn` })
    }
  }

  #encode(target: string | number, method: string, args: readonly unknown[], call: number): [ArrayBuffer, (() => void)[]] {
    const signals: (() => void)[] = []
    const encoded = encodeValue({ target, method, args }, (value) => this.#mark(value, call, signals))
    if (encoded.length > this.#argumentBytesMax) {
      throw capabilityError({ name: 'CapabilityError', code: 'too_large', message: `Cannot call the host with ${encoded.length} bytes: at most ${this.#argumentBytesMax} are allowed` })
    }
    return [exactBuffer(encoded), signals]
  }

  #mark(value: object, call: number, signals: (() => void)[]): Mark | undefined {
    if (typeof value === 'function') {
      if (this.#callbacks.size >= handlesMax) throw new Error(`Cannot hand out a function: at most ${handlesMax} may be out`)
      const id = this.#callbacks.size + 1
      this.#callbacks.set(id, value as (...args: unknown[]) => unknown)
      return { kind: 'callback', id }
    }
    if (hiddenSecret in value) return { kind: 'secret', name: (value as { readonly [hiddenSecret]: string })[hiddenSecret] }
    if (value instanceof AbortSignal) {
      const signal = value
      const abort = () => void this.#bridge.post(fromRunner.abort, 0, 0, call, this.owner, undefined)
      signals.push(() => (signal.aborted ? abort() : signal.addEventListener('abort', abort, { once: true })))
      return { kind: 'signal', id: call }
    }
    return undefined
  }
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
