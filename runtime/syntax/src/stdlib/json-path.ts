import { JSONPathError, query } from 'json-p3'
import { toText } from '../convert/convert.ts'
import { CallError } from '../evaluate/call-error.ts'
import { parseJson } from './json.ts'
import { native } from './native-function.ts'
import { plainValue } from './plain-value.ts'

/** `json_path(json, path)`: all values at a JSONPath (RFC 9535), whose leading `$` may be left out. */
export const jsonPath = native('json_path', [toText, toText], (text, path) => {
  const locations = select(text, path)
  // The query runs on plain JSON numbers; the result keeps integers apart from floats.
  const exact = parseJson(text, (_, value, { source }) =>
    typeof value === 'number' ? exactNumber(value, source) : value,
  )
  return locations.map((location) => plainValue(at(exact, location)))
})

type Location = readonly (string | number)[]

function select(text: string, path: string): Location[] {
  const data = parseJson(text) as Parameters<typeof query>[1]
  try {
    return query(rooted(path), data).nodes.map((node) => node.location)
  } catch (error) {
    if (!(error instanceof JSONPathError)) throw error
    throw new CallError('invalid-argument', `found an invalid JSONPath: ${error.message}`, { argument: 1 })
  }
}

function rooted(path: string): string {
  const trimmed = path.trim()
  if (trimmed.startsWith('$')) return trimmed
  if (trimmed.startsWith('@')) return `$${trimmed.slice(1)}`
  return trimmed === '' || /^[.[]/.test(trimmed) ? `$${trimmed}` : `$.${trimmed}`
}

const int64Max = 2n ** 63n - 1n

function exactNumber(value: number, source: string | undefined): bigint | number {
  if (source === undefined || !/^-?\d+$/.test(source)) return value
  const integer = BigInt(source)
  return integer <= int64Max && integer >= -int64Max - 1n ? integer : value
}

function at(data: unknown, location: Location): unknown {
  return location.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], data)
}
