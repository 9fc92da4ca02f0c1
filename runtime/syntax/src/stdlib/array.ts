import { toBool, toList, toListOf, toMap, toText } from '../convert/convert.ts'
import { CallError } from '../evaluate/call-error.ts'
import type { ObjectValue, Value } from '../value.ts'
import { languageEqual } from '../value/equal.ts'
import { native, variadic, type Parameter } from './native-function.ts'

/** Elements of a combined list: joining two long lists by keys that are all equal would exhaust the memory. */
const COMBINED_MAX = 1_000_000

const maps: Parameter<readonly ObjectValue[]> = (value) => toListOf(value, toMap)
const texts: Parameter<readonly string[]> = (value) => toListOf(value, toText)

export const arrayFunctions = [
  variadic('array.concat', [], toList, (_, lists) => (lists.length === 1 ? lists[0]! : (lists.flat() as Value[]))),
  native('array.combine_maps', [maps, maps, texts, toBool], combineMaps, 1),
  native('array.group_by', [toList, toText, toBool], groupBy),
]

/**
 * Joins two lists of objects: of each pair whose `keys` exist and are equal, both objects in one, the right one winning.
 * With `passthrough` each left object also comes alone, once for every right object that it does not match.
 */
function combineMaps(
  lefts: readonly ObjectValue[],
  rights: readonly ObjectValue[],
  keys: readonly string[],
  passthrough: boolean,
): Value {
  if (keys.length === 0) throw new CallError('invalid-argument', 'found no keys, want at least one', { argument: 2 })
  const combined: ObjectValue[] = []
  for (const left of lefts) {
    for (const right of rights) {
      if (matches(left, right, keys)) combined.push(merge(left, right))
      else if (passthrough) combined.push(left)
      if (combined.length > COMBINED_MAX) {
        throw new CallError('function-failed', `the result would have more than ${COMBINED_MAX} elements`)
      }
    }
  }
  return combined
}

function matches(left: ObjectValue, right: ObjectValue, keys: readonly string[]): boolean {
  return keys.every(
    (key) => Object.hasOwn(left, key) && Object.hasOwn(right, key) && languageEqual(left[key]!, right[key]!),
  )
}

function merge(left: ObjectValue, right: ObjectValue): ObjectValue {
  return Object.assign(Object.create(null) as Record<string, Value>, left, right)
}

/** Groups objects by the text under a key, in the order in which the texts first appear. */
function groupBy(items: readonly Value[], key: string, dropMissing: boolean): Value {
  const groups = new Map<string, Value[]>()
  for (const [index, item] of items.entries()) {
    const object = toMap(item)
    if (!object.ok) throw new CallError('invalid-argument', `element ${index}: ${object.reason}`, { argument: 0 })
    const missing = !Object.hasOwn(object.value, key)
    if (missing && dropMissing) continue
    const group = missing ? '' : object.value[key]!
    if (typeof group !== 'string') {
      throw new CallError('invalid-argument', `element ${index}: want a string under "${key}"`, { argument: 0 })
    }
    groups.set(group, [...(groups.get(group) ?? []), item])
  }
  return [...groups].map(([group, members]) => merge({ [key]: group }, { items: members }))
}
