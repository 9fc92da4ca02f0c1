import { readFileSync } from 'node:fs'
import { snappyCompress } from '@ingot/telemetry'

/** What is used here of WebAssembly: TypeScript has its types only among those of browsers. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: unknown }
}

interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer }
  inputAt(): number
  outputFor(length: number): number
  compress(length: number, output: number): number
}

/** Larger inputs are left to the twin in TypeScript: the kernel's memory never shrinks. */
const inputBytesMax = 64 * 2 ** 20

const compiled = new WebAssembly.Module(readFileSync(new URL('./snappy.wasm', import.meta.url)))
const kernel = new WebAssembly.Instance(compiled).exports as Kernel
const input = kernel.inputAt()
let memory = new Uint8Array(kernel.memory.buffer)

/** Compresses into static memory. The result is a view that the next call writes over: use or copy it before. */
export function snappyKernel(data: Uint8Array): Uint8Array {
  const output = data.length > inputBytesMax ? 0 : kernel.outputFor(data.length)
  if (output === 0) return snappyCompress(data)
  if (memory.buffer !== kernel.memory.buffer) memory = new Uint8Array(kernel.memory.buffer)
  memory.set(data, input)
  const length = kernel.compress(data.length, output)
  return memory.subarray(output, output + length)
}
