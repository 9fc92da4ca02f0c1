import type { Text } from '@ingot/sdk'
import { crossing, type Bridge } from './bridge.ts'

/** Texts up to this length are decoded here: a call to the host costs more. */
const shortBytesMax = 64

/** `TextDecoder` and `TextEncoder` of the isolate, served by the runner: the engine alone has neither. UTF-8 only. */
export function installText(bridge: Bridge): Text {
  const decode = (bytes: Uint8Array, ignoreBOM: boolean): string => {
    if (bytes.length <= shortBytesMax) {
      let text = ''
      let at = 0
      while (at < bytes.length && bytes[at]! < 0x80) text += String.fromCharCode(bytes[at++]!)
      if (at === bytes.length) return text
    }
    const { buffer, from, to } = crossing(bytes)
    const text = bridge.decodeText(buffer, from, to)
    return !ignoreBOM && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
  }
  const encode = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(bridge.encodeText(String(text)))

  class Decoder {
    readonly encoding = 'utf-8'
    readonly fatal = false
    readonly ignoreBOM: boolean
    constructor(label = 'utf-8', options: { readonly fatal?: boolean; readonly ignoreBOM?: boolean } = {}) {
      if (!/^utf-?8$/i.test(label) || options.fatal)
        throw new RangeError('Cannot make a TextDecoder: only lenient UTF-8 is here')
      this.ignoreBOM = options.ignoreBOM ?? false
    }
    decode(input?: ArrayBuffer | ArrayBufferView): string {
      if (input === undefined) return ''
      return decode(
        ArrayBuffer.isView(input)
          ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
          : new Uint8Array(input),
        this.ignoreBOM,
      )
    }
  }
  class Encoder {
    readonly encoding = 'utf-8'
    encode(text = ''): Uint8Array {
      return encode(text)
    }
    encodeInto(text: string, into: Uint8Array): { read: number; written: number } {
      const bytes = encode(text)
      if (bytes.length <= into.length) {
        into.set(bytes)
        return { read: text.length, written: bytes.length }
      }
      // Only whole characters are written.
      let end = into.length
      while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--
      into.set(bytes.subarray(0, end))
      return { read: decode(bytes.subarray(0, end), true).length, written: end }
    }
  }
  define('TextDecoder', Decoder)
  define('TextEncoder', Encoder)
  return { decode: (bytes) => decode(bytes, true), encode }
}

function define(name: string, value: unknown): void {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false })
}
