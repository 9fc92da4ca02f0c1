import { parseDocument } from 'yaml'
import { CallError } from '../evaluate/call-error.ts'
import type { Value } from '../value.ts'
import { plainValue } from './plain-value.ts'

/** Nodes that aliases may stand for, all in all: a few lines of aliases of aliases can make billions. */
const ALIASED_NODES_MAX = 10_000

/**
 * The first document of a YAML text as a value. Whole numbers are integers; `<<` merges; keys that are not strings
 * become strings.
 */
export function decodeYaml(text: string): Value {
  try {
    const document = parseDocument(text, { intAsBigInt: true, merge: true, prettyErrors: false, uniqueKeys: true })
    const error = document.errors.find(({ code }) => code !== 'MULTIPLE_DOCS')
    if (error) throw new CallError('function-failed', `the text is not YAML (at character ${error.pos[0]})`)
    return plainValue(fit(document.toJS({ maxAliasCount: ALIASED_NODES_MAX })))
  } catch (error) {
    if (error instanceof CallError) throw error
    // The library stops at too many aliases and at a full stack; neither says anything of the content.
    throw new CallError('function-failed', 'the text has too many aliases or levels of nesting')
  }
}

const int64Min = -(2n ** 63n)
const uint64Max = 2n ** 64n - 1n

/** Integers beyond 64 bits are floats. */
function fit(data: unknown): unknown {
  if (typeof data === 'bigint') return data < int64Min || data > uint64Max ? Number(data) : data
  if (Array.isArray(data)) return data.map(fit)
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, fit(value)]))
}
