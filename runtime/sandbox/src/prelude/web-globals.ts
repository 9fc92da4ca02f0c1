/** The few globals of the web platform that components and their libraries expect, written here because the engine has none. */
export function installWebGlobals(): void {
  define('AbortSignal', Signal)
  define('AbortController', Controller)
  define('DOMException', DomError)
  define('structuredClone', clone)
  define('queueMicrotask', async (callback: () => void) => {
    // oxlint-disable-next-line typescript/await-thenable -- a module can replace then(), but not this
    await undefined
    callback()
  })
}

type Listener = ((event: { readonly type: string }) => void) | { handleEvent(event: { readonly type: string }): void }

class DomError extends Error {
  constructor(message = '', name = 'Error') {
    super(message)
    this.name = name
  }
}

class Signal {
  aborted = false
  reason: unknown = undefined
  onabort: ((event: { readonly type: string }) => void) | null = null
  readonly #listeners = new Set<Listener>()

  addEventListener(type: string, listener: Listener): void {
    if (type === 'abort') this.#listeners.add(listener)
  }
  removeEventListener(_type: string, listener: Listener): void {
    this.#listeners.delete(listener)
  }
  throwIfAborted(): void {
    if (this.aborted) throw this.reason
  }
  static abort(reason?: unknown): Signal {
    const signal = new Signal()
    fire(signal, reason)
    return signal
  }
  static any(signals: Iterable<Signal>): Signal {
    const any = new Signal()
    for (const signal of signals) {
      if (signal.aborted) fire(any, signal.reason)
      else signal.addEventListener('abort', () => fire(any, signal.reason))
    }
    return any
  }
  static fire(signal: Signal, reason: unknown): void {
    if (signal.aborted) return
    signal.aborted = true
    signal.reason = reason ?? new DomError('This operation was aborted', 'AbortError')
    const event = { type: 'abort' }
    signal.onabort?.(event)
    for (const listener of signal.#listeners) {
      if (typeof listener === 'function') listener(event)
      else listener.handleEvent(event)
    }
    signal.#listeners.clear()
  }
}
const fire = Signal.fire
Reflect.deleteProperty(Signal, 'fire')

class Controller {
  readonly signal = new Signal()
  abort(reason?: unknown): void {
    fire(this.signal, reason)
  }
}

/** Of plain data, typed arrays, maps, sets and dates. @throws for functions. */
function clone(value: unknown, seen = new Map<object, unknown>()): unknown {
  if (typeof value === 'function' || typeof value === 'symbol')
    throw new DomError('Cannot clone a function or symbol', 'DataCloneError')
  if (typeof value !== 'object' || value === null) return value
  if (seen.has(value)) return seen.get(value)
  if (value instanceof Date) return new Date(value.getTime())
  if (value instanceof ArrayBuffer) return value.slice(0)
  if (ArrayBuffer.isView(value)) return (value as Uint8Array).slice()
  return cloneContainer(value, seen)
}

function cloneContainer(value: object, seen: Map<object, unknown>): unknown {
  if (Array.isArray(value)) {
    const array: unknown[] = []
    seen.set(value, array)
    for (const item of value) array.push(clone(item, seen))
    return array
  }
  if (value instanceof Map) {
    const map = new Map<unknown, unknown>()
    seen.set(value, map)
    for (const [key, item] of value) map.set(clone(key, seen), clone(item, seen))
    return map
  }
  if (value instanceof Set) {
    const set = new Set<unknown>()
    seen.set(value, set)
    for (const item of value) set.add(clone(item, seen))
    return set
  }
  const object: Record<string, unknown> = {}
  seen.set(value, object)
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(object, key, {
      value: clone(item, seen),
      writable: true,
      enumerable: true,
      configurable: true,
    })
  }
  return object
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false })
}
