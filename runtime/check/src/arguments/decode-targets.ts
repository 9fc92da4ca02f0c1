import { describeType, fieldsOf, toList, toText, type Value } from '@ingot/syntax'
import { type Decoding, elementPlace, fieldPlace, type ValuePlace } from './decoding.ts'

/** A list of label sets. Discovery makes long ones, again and again: places are worked out for mistakes only. */
export function decodeTargets(decoding: Decoding, value: Value, at: ValuePlace): unknown {
  const list = toList(value)
  if (!list.ok) return decoding.refuse('wrong-type', at, list.reason, 'put it into a list: [ … ]')
  return list.value.map((target, index) => decodeTarget(decoding, target, at, index))
}

function decodeTarget(decoding: Decoding, target: Value, at: ValuePlace, index: number): unknown {
  if (target === null) return {}
  const fields = fieldsOf(target)
  if (!fields) {
    return decoding.refuse('wrong-type', elementPlace(at, index), `found ${describeType(target)}, want object`)
  }
  const labels = Object.entries(fields).map(([name, value]): [string, string] => {
    if (typeof value === 'string') return [name, value]
    const text = toText(value)
    if (text.ok) return [name, text.value]
    decoding.refuse('wrong-type', fieldPlace(elementPlace(at, index), name), text.reason, text.advice)
    return [name, '']
  })
  return Object.fromEntries(labels)
}
