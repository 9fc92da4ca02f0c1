import { Secret } from '@ingot/sdk'
import type { PlainExports } from './protocol.ts'

/** Depth of exported values; what is deeper is refused. */
const depthMax = 64

/** Exports as plain data that can cross to control: secrets become their text, named by path. */
export function encodeExports(exports: Readonly<Record<string, unknown>>): PlainExports {
  const secrets: (string | number)[][] = []
  const plain = (value: unknown, path: (string | number)[]): unknown => {
    if (path.length > depthMax) throw new Error(`Cannot export a value nested deeper than ${depthMax} levels`)
    if (value instanceof Secret) {
      secrets.push(path)
      return value.reveal()
    }
    if (Array.isArray(value)) return value.map((element, i) => plain(element, [...path, i]))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner, [...path, key])]))
  }
  return { value: plain(exports, []) as Record<string, unknown>, secrets }
}
