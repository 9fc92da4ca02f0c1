import { CallError } from '../evaluate/call-error.ts'
import type { Value } from '../value.ts'

/** Levels of decoded data: everything that walks a value recurses once for each. */
const DEPTH_MAX = 500

/** Decoded data (JSON, YAML) as a value. */
export function plainValue(data: unknown, depth = 0): Value {
  if (depth > DEPTH_MAX) throw new CallError('function-failed', `the text has more than ${DEPTH_MAX} levels of nesting`)
  switch (typeof data) {
    case 'string':
    case 'boolean':
    case 'number':
    case 'bigint':
      return data
    case 'object': {
      if (data === null) return null
      if (Array.isArray(data)) return data.map((item) => plainValue(item, depth + 1))
      const object = Object.create(null) as Record<string, Value>
      for (const [key, item] of Object.entries(data)) object[key] = plainValue(item, depth + 1)
      return object
    }
    default:
      return null
  }
}
