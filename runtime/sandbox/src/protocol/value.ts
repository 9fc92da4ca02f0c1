/**
 * Values that cross between a module and its broker: plain data as JSON, bytes beside it. What is neither is named by a
 * mark that the two sides resolve: a secret, a callback, an abort signal, an object of the other side.
 */
export type Mark =
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'callback'; readonly id: number }
  | { readonly kind: 'signal'; readonly id: number }
  | { readonly kind: 'object'; readonly id: number; readonly type: string; readonly values: unknown }

/** Gives the mark of a value that is not plain data; `undefined` for one that is. */
export type Marker = (value: object) => Mark | undefined
/** Makes the value that a mark stands for. @throws for a mark that is not acceptable here. */
export type Unmarker = (mark: Mark) => unknown

/** Levels of nesting; deeper values are refused rather than walked. */
const depthMax = 32
/** Digits of a whole number: reading more takes time that grows with their square. */
const digitsMax = 100
const bigintMax = 10n ** BigInt(digitsMax) - 1n
const prefixBytes = 4

/** @throws for functions without a mark, cycles and values nested deeper than 32 levels. */
export function encodeValue(value: unknown, marker: Marker = noMark): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  let bytes = 0
  const plain = walkOut(value, 0, marker, (part) => {
    parts.push(part)
    const at = bytes
    bytes += part.length
    return at
  })
  const json = new TextEncoder().encode(JSON.stringify(plain) ?? 'null')
  const encoded = new Uint8Array(prefixBytes + json.length + bytes)
  new DataView(encoded.buffer).setUint32(0, json.length, true)
  encoded.set(json, prefixBytes)
  let at = prefixBytes + json.length
  for (const part of parts) {
    encoded.set(part, at)
    at += part.length
  }
  return encoded
}

/**
 * `valuesMax`: texts, numbers and containers in the value; each costs far more than its byte of JSON.
 * @throws when the bytes are not what {@link encodeValue} makes.
 */
export function decodeValue(encoded: Uint8Array, unmarker: Unmarker = refuseMark, valuesMax = Infinity): unknown {
  if (encoded.length < prefixBytes) throw new Error('Cannot read a value: the bytes end before its length')
  const jsonBytes = new DataView(encoded.buffer, encoded.byteOffset, encoded.length).getUint32(0, true)
  const dataStart = prefixBytes + jsonBytes
  if (dataStart > encoded.length) throw new Error('Cannot read a value: its text is longer than the bytes')
  // Counted before they are made: a text that is all brackets and commas would fill the memory of its reader.
  if (valuesMax < jsonBytes && countValues(encoded) > valuesMax)
    throw new Error(`Cannot read a value: it has more than ${valuesMax} parts`)
  const text = new TextDecoder().decode(encoded.subarray(prefixBytes, dataStart))
  return walkIn(JSON.parse(text), 0, unmarker, encoded.subarray(dataStart))
}

/** How many parts an encoded value has, at most: separators and openings outside of strings, and the value itself. */
export function countValues(encoded: Uint8Array): number {
  const end = prefixBytes + new DataView(encoded.buffer, encoded.byteOffset, encoded.length).getUint32(0, true)
  let values = 1
  let quoted = false
  for (let i = prefixBytes; i < end; i++) {
    const code = encoded[i]
    if (quoted && code === 0x5c) i++
    else if (code === 0x22) quoted = !quoted
    else if (!quoted && (code === 0x2c || code === 0x5b || code === 0x7b)) values++
  }
  return values
}

function walkOut(value: unknown, depth: number, marker: Marker, addBytes: (part: Uint8Array) => number): unknown {
  if (depth > depthMax) throw new Error(`Cannot pass a value: it is nested deeper than ${depthMax} levels`)
  if (typeof value === 'number' && !Number.isFinite(value)) return { $: 'number', v: String(value) }
  if (typeof value === 'bigint') return { $: 'bigint', v: digitsOf(value) }
  if (typeof value === 'function') return markOut(value, marker)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return { $: 'bytes', v: [addBytes(value), value.length] }
  if (Array.isArray(value)) return value.map((item) => walkOut(item, depth + 1, marker, addBytes))
  const mark = marker(value)
  if (mark)
    return {
      $: 'mark',
      v: mark.kind === 'object' ? { ...mark, values: walkOut(mark.values, depth + 1, marker, addBytes) } : mark,
    }
  const plain: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) plain[key] = walkOut(item, depth + 1, marker, addBytes)
  return '$' in plain ? { $: 'plain', v: plain } : plain
}

function digitsOf(value: bigint): string {
  if (value > bigintMax || value < -bigintMax)
    throw new RangeError(`Cannot pass a value: a whole number has more than ${digitsMax} digits`)
  return String(value)
}

function markOut(value: object, marker: Marker): unknown {
  const mark = marker(value)
  if (!mark) throw new Error('Cannot pass a value: want plain data, found a function')
  return { $: 'mark', v: mark }
}

function walkIn(value: unknown, depth: number, unmarker: Unmarker, data: Uint8Array): unknown {
  if (depth > 3 * depthMax) throw new Error('Cannot read a value: it is nested too deep')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => walkIn(item, depth + 1, unmarker, data))
  const tagged = value as { readonly $?: unknown; readonly v?: unknown }
  if (Object.hasOwn(tagged, '$')) return tagIn(tagged, depth, unmarker, data)
  return objectIn(value, depth, unmarker, data)
}

function objectIn(value: object, depth: number, unmarker: Unmarker, data: Uint8Array): Record<string, unknown> {
  const object: Record<string, unknown> = {}
  for (const [key, item] of Object.entries(value)) {
    // Assigning to "__proto__" would replace the prototype of the reader's object.
    if (key !== '__proto__') object[key] = walkIn(item, depth + 1, unmarker, data)
  }
  return object
}

function tagIn(
  tagged: { readonly $?: unknown; readonly v?: unknown },
  depth: number,
  unmarker: Unmarker,
  data: Uint8Array,
): unknown {
  const { v } = tagged
  switch (tagged.$) {
    case 'number':
      return Number(v)
    case 'bigint':
      if (typeof v !== 'string' || v.length > digitsMax + 1)
        throw new Error('Cannot read a value: a whole number is too long')
      return BigInt(v)
    case 'bytes': {
      const [at, length] = v as [number, number]
      if (!(Number.isInteger(at) && Number.isInteger(length) && at >= 0 && length >= 0 && at + length <= data.length)) {
        throw new Error('Cannot read a value: its bytes lie outside of the frame')
      }
      return data.slice(at, at + length)
    }
    case 'plain':
      return objectIn(v as object, depth + 1, unmarker, data)
    case 'mark':
      return unmarker(markIn(v, depth, unmarker, data))
    default:
      throw new Error('Cannot read a value: it has an unknown tag')
  }
}

function markIn(value: unknown, depth: number, unmarker: Unmarker, data: Uint8Array): Mark {
  const mark = value as {
    readonly kind?: unknown
    readonly id?: unknown
    readonly name?: unknown
    readonly type?: unknown
    readonly values?: unknown
  }
  if (mark.kind === 'secret' && typeof mark.name === 'string') return { kind: 'secret', name: mark.name }
  if (mark.kind === 'callback' && Number.isInteger(mark.id)) return { kind: 'callback', id: mark.id as number }
  if (mark.kind === 'signal' && Number.isInteger(mark.id)) return { kind: 'signal', id: mark.id as number }
  if (mark.kind === 'object' && Number.isInteger(mark.id) && typeof mark.type === 'string') {
    return {
      kind: 'object',
      id: mark.id as number,
      type: mark.type,
      values: walkIn(mark.values, depth + 1, unmarker, data),
    }
  }
  throw new Error('Cannot read a value: it has an unknown mark')
}

function noMark(): undefined {
  return undefined
}

function refuseMark(mark: Mark): never {
  throw new Error(`Cannot read a value: a ${mark.kind} is not accepted here`)
}
