import { CallError } from '../evaluate/call-error.ts'
import type { Value } from '../value.ts'
import { asArray, asObject } from '../value/type-name.ts'
import { plainValue } from './plain-value.ts'

/** JSON as a value; every number is a float. */
export function decodeJson(text: string): Value {
  return plainValue(parseJson(text))
}

/** @throws {@link CallError} that quotes nothing of the text: it may hold secrets */
export function parseJson(
  text: string,
  revive?: (key: string, value: unknown, context: { source?: string }) => unknown,
): unknown {
  try {
    return JSON.parse(text, revive as (key: string, value: unknown) => unknown)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    const at = /position (\d+)/.exec(error.message)?.[1]
    throw new CallError('function-failed', `the text is not JSON${at === undefined ? '' : ` (at character ${at})`}`)
  }
}

/** Compact JSON with sorted keys, safe to stand in HTML; `undefined` when JSON cannot hold a part of the value. */
export function encodeJson(value: Value): string | undefined {
  switch (typeof value) {
    case 'string':
      return escapeHtml(JSON.stringify(value))
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'number':
      return Number.isFinite(value) ? (Object.is(value, -0) ? '-0' : String(value)) : undefined
    default:
      return value === null ? 'null' : encodeComposite(value)
  }
}

function encodeComposite(value: Value): string | undefined {
  const array = asArray(value)
  if (array) return enclose('[', array.map(encodeJson), ']')
  const object = asObject(value)
  if (!object) return undefined
  const fields = Object.keys(object)
    .sort()
    .map((key) => {
      const field = encodeJson(object[key]!)
      return field === undefined ? undefined : `${escapeHtml(JSON.stringify(key))}:${field}`
    })
  return enclose('{', fields, '}')
}

function enclose(open: string, parts: readonly (string | undefined)[], close: string): string | undefined {
  return parts.includes(undefined) ? undefined : open + parts.join(',') + close
}

function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
