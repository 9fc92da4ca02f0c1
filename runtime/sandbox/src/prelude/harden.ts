/**
 * Takes away what a module could use to get around its bounds: memory that the isolate's limit does not count, threads
 * and blocking, and the observation of garbage collection. Runs before any module code.
 */
export function harden(): void {
  for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics', 'WeakRef', 'FinalizationRegistry', 'console']) {
    Reflect.deleteProperty(globalThis, name)
  }
  replaceArrayBuffer()
}

/** The constructor without `maxByteLength`: resizable buffers reserve memory that the limit does not see. */
function replaceArrayBuffer(): void {
  const Native = globalThis.ArrayBuffer
  const { prototype } = Native
  const fixed = function (this: unknown, length: number): ArrayBuffer {
    if (new.target === undefined) throw new TypeError("Constructor ArrayBuffer requires 'new'")
    return Reflect.construct(Native, [length], new.target) as ArrayBuffer
  }
  for (const name of ['resize', 'transfer', 'transferToFixedLength', 'resizable', 'maxByteLength', 'detached']) {
    Reflect.deleteProperty(prototype, name)
  }
  const hidden = { writable: true, enumerable: false, configurable: true }
  Object.defineProperties(fixed, {
    name: { ...hidden, value: 'ArrayBuffer', writable: false },
    prototype: { value: prototype, writable: false, enumerable: false, configurable: false },
    isView: { ...hidden, value: Native.isView },
    [Symbol.species]: { get: () => fixed, enumerable: false, configurable: true },
  })
  Object.defineProperty(prototype, 'constructor', { ...hidden, value: fixed })
  Object.defineProperty(globalThis, 'ArrayBuffer', { ...hidden, value: fixed })
}
