import { isCapabilityError, Secret, type DurableQueue } from '@ingot/sdk'
import { envSurface, objectSurface, type SurfaceEntry } from '../protocol/capability-table.ts'
import type { CallMessage, ErrorValue } from '../protocol/messages.ts'
import { decodeValue, encodeValue, type Mark } from '../protocol/value.ts'

/** Performs a call that a module may make: the lane's granted `env`, or another world in tests. Sync methods return at once. */
export type Broker = (property: string, method: string, args: readonly unknown[]) => unknown

export interface BrokerCallsOptions {
  readonly broker: Broker
  /** Declared and granted. */
  readonly capabilities: readonly string[]
  /** The module may know why a call failed. */
  readonly trusted: boolean
  readonly argumentBytesMax: number
  readonly resultBytesMax: number
  /** Calls that may be without an answer at once. */
  readonly openCallsMax: number
  /** Bytes handed to the module's functions that have not returned: what streams in faster than it is read fails. */
  readonly callbackBytesMax: number
  readonly textBytesMax: number
  /** The text of a secret that the module names without knowing it. */
  readonly secret: (name: string) => string | undefined
  /** Calls a function that the module handed out. */
  readonly invoke: (callback: number, args: readonly unknown[]) => Promise<unknown>
}

/** Objects of the lane that one module may hold: files, listeners, queues. */
const objectsMax = 1_000
/** A listener or a queue that takes longer to close is not waited for. */
const closeMsMax = 5_000

interface HeldObject {
  readonly type: string
  readonly object: Record<string, unknown>
}

/** The lane's end of a module's calls. It checks each against the capability table before the broker sees it. */
export class BrokerCalls {
  readonly #options: BrokerCallsOptions
  readonly #objects = new Map<number, HeldObject>()
  readonly #aborts = new Map<number, AbortController>()
  #lastObject = 0
  #running = 0
  /** What the module asked for last: of the capability table's own names, never its own text. */
  last: string | undefined
  #callbackBytes = 0

  constructor(options: BrokerCallsOptions) {
    this.#options = options
  }

  /** Calls that have no answer yet. */
  get running(): number {
    return this.#running
  }

  /** The encoded answer. Never throws. */
  async answer(id: number, payload: Uint8Array, sync: boolean): Promise<Uint8Array<ArrayBuffer>> {
    this.#running++
    try {
      this.#checkRoom(payload)
      return await this.#perform(id, payload, sync)
    } catch (error) {
      return encodeValue({ error: this.#describe(error) })
    } finally {
      this.#running--
      // What a synchronous call starts (watching a file) goes on until its signal fires.
      if (!sync) this.#aborts.delete(id)
    }
  }

  abort(id: number): void {
    this.#aborts.get(id)?.abort()
    this.#aborts.delete(id)
  }

  /** Telemetry records in the durable queues that the module has open. */
  get durableRecords(): number {
    let records = 0
    for (const { type, object } of this.#objects.values()) {
      if (type === 'state.queue') records += (object as unknown as DurableQueue).pending.count
    }
    return records
  }

  /** The module is gone: what it was waiting for ends, and what it held is closed. Resolves when it is, or takes too long. */
  async reset(): Promise<void> {
    for (const controller of this.#aborts.values()) controller.abort()
    this.#aborts.clear()
    const closing = [...this.#objects.values()].map(async ({ object }) =>
      (object['close'] as (() => Promise<void>) | undefined)?.(),
    )
    this.#objects.clear()
    const late = new Promise((resolve) => setTimeout(resolve, closeMsMax).unref())
    if (closing.length > 0) await Promise.race([Promise.allSettled(closing), late])
  }

  /** The isolate bounds its own calls; here stands the bound for one that does not keep to it. */
  #checkRoom(payload: Uint8Array): void {
    const { argumentBytesMax, openCallsMax } = this.#options
    if (payload.length > argumentBytesMax)
      throw codedError(
        'too_large',
        `The arguments have ${payload.length} bytes, at most ${argumentBytesMax} are allowed`,
      )
    if (this.#running > openCallsMax) throw codedError('full', `At most ${openCallsMax} calls may be under way`)
  }

  async #perform(id: number, payload: Uint8Array, sync: boolean): Promise<Uint8Array<ArrayBuffer>> {
    const message = decodeValue(payload, (mark) => this.#unmark(mark, id)) as CallMessage
    const { target, method } = message
    const args = Array.isArray(message.args) ? message.args : []
    const made = `${typeof target === 'number' ? this.#objects.get(target)?.type : target}.${method}`
    const value = await (typeof target === 'number'
      ? this.#callObject(target, method, args, sync)
      : this.#callBroker(target, method, this.#withEnd(made, args, id), sync))
    const encoded = encodeValue({ value: objectSurface[made] ? this.#hold(made, value) : value }, (held) =>
      isHandle(held) ? held.mark : undefined,
    )
    if (encoded.length > this.#options.resultBytesMax)
      throw codedError(
        'too_large',
        `The answer has ${encoded.length} bytes, at most ${this.#options.resultBytesMax} are allowed`,
      )
    return encoded
  }

  /** A wait that nobody can end would outlive the module that began it. */
  #withEnd(made: string, args: readonly unknown[], call: number): readonly unknown[] {
    return made === 'clock.sleep' ? [args[0], { signal: this.#signal(call) }] : args
  }

  #callBroker(property: string, method: string, args: readonly unknown[], sync: boolean): unknown {
    const entry = Object.hasOwn(envSurface, property) ? envSurface[property]! : undefined
    if (!entry || !serves(entry, method, sync) || !this.#options.capabilities.includes(entry.capability))
      throw codedError('denied', `The capability for "${property}" is not granted`)
    this.last = `${property}.${method}`
    return this.#options.broker(property, method, args)
  }

  async #callObject(id: number, method: string, args: readonly unknown[], sync: boolean): Promise<unknown> {
    const held = this.#objects.get(id)
    const entry = held && objectSurface[held.type]
    if (!entry || !serves(entry, method, sync))
      throw codedError('not_found', `There is no such object, or it has no "${method}"`)
    const { object, type } = held
    this.last = `${type}.${method}`
    if (method === 'close') this.#objects.delete(id)
    if (type === 'state.queue' && method === 'pending') return object['pending']
    if (type === 'fs.open' && method === 'read') return readPiece(object, args, this.#options.resultBytesMax)
    return (object[method] as (...args: readonly unknown[]) => unknown)(...args)
  }

  #hold(type: string, value: unknown): Handle {
    if (this.#objects.size >= objectsMax) throw codedError('full', `At most ${objectsMax} objects may be open`)
    const object = value as Record<string, unknown>
    const id = ++this.#lastObject
    this.#objects.set(id, { type, object })
    const values = Object.fromEntries(objectSurface[type]!.values.map((name) => [name, object[name]]))
    return new Handle({ kind: 'object', id, type, values })
  }

  #unmark(mark: Mark, call: number): unknown {
    if (mark.kind === 'secret') {
      const text = this.#options.secret(mark.name)
      if (text === undefined) throw codedError('denied', 'The secret is not one of this component')
      return new Secret(text)
    }
    if (mark.kind === 'callback') return (...args: unknown[]) => this.#callBack(mark.id, args)
    if (mark.kind === 'signal') return this.#signal(call)
    throw codedError('invalid', `A call may not hold a mark of kind ${mark.kind}`)
  }

  #signal(call: number): AbortSignal {
    let controller = this.#aborts.get(call)
    if (!controller) {
      if (this.#aborts.size >= objectsMax) throw codedError('full', `At most ${objectsMax} calls may be under way`)
      this.#aborts.set(call, (controller = new AbortController()))
    }
    return controller.signal
  }

  /** Whoever calls back may not care for the answer, and the module may be gone before it gives one. */
  #callBack(id: number, args: readonly unknown[]): Promise<unknown> {
    const bytes = args.reduce<number>((sum, arg) => sum + bytesOf(arg), 0)
    if (this.#callbackBytes + bytes > this.#options.callbackBytesMax)
      throw codedError('full', `The component has more than ${this.#options.callbackBytesMax} bytes to read`)
    this.#callbackBytes += bytes
    const answer = this.#options.invoke(id, args)
    const taken = (): void => {
      this.#callbackBytes -= bytes
    }
    answer.then(taken, taken)
    return answer
  }

  /** Only what the contract of capabilities names: other errors of the lane would tell a stranger of its files. */
  #describe(error: unknown): ErrorValue {
    const { trusted, textBytesMax } = this.#options
    const known = isCapabilityError(error)
    const message = known || trusted ? (error as Error).message.slice(0, textBytesMax) : 'The call failed'
    return { name: 'CapabilityError', code: known ? error.code : 'io', message }
  }
}

/** A runner that waits for an answer has its clock stopped: it may wait for what is answered at once only. */
function serves(entry: Pick<SurfaceEntry, 'later' | 'now'>, method: string, sync: boolean): boolean {
  return (sync ? entry.now : entry.later).includes(method)
}

/** Of a piece of a body, a message, or a request with a body. */
function bytesOf(value: unknown): number {
  if (value instanceof Uint8Array) return value.length
  const body = (value as { readonly body?: unknown } | null)?.body
  return body instanceof Uint8Array ? body.length : 0
}

class Handle {
  readonly mark: Mark
  constructor(mark: Mark) {
    this.mark = mark
  }
}

function isHandle(value: object): value is Handle {
  return value instanceof Handle
}

async function readPiece(
  file: Record<string, unknown>,
  args: readonly unknown[],
  bytesMax: number,
): Promise<Uint8Array> {
  const [length, position] = args
  if (!isSize(length) || !isSize(position)) throw codedError('invalid', 'A read wants a number of bytes and a position')
  const into = new Uint8Array(Math.min(length, bytesMax / 2))
  const read = (await (file['read'] as (into: Uint8Array, position: unknown) => Promise<number>)(into, position)) | 0
  return into.slice(0, read)
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function codedError(code: string, message: string): Error {
  return Object.assign(new Error(message), { name: 'CapabilityError', code })
}
