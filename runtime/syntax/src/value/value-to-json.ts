import { Capsule, FunctionValue, type Value } from '../value.ts'
import { isSecret, openSecret } from './secret.ts'
import { asArray, asObject, type TypeName, typeName } from './type-name.ts'

/** A value in the shape of Alloy's API: `{ "type": "number", "value": 3 }`. */
export interface ValueJson {
  readonly type: TypeName
  readonly value: null | boolean | number | string | readonly ValueJson[] | readonly FieldJson[]
}

export interface FieldJson {
  readonly key: string
  readonly value: ValueJson
}

/**
 * The value for the API and the pages; a secret shows as `(secret)`, other capsules and functions by their kind. Keys are
 * sorted. Integers above 2^53 lose digits, as they do for every JavaScript reader of the API.
 */
export function valueToJson(value: Value): ValueJson {
  const type = typeName(value)
  switch (type) {
    case 'array':
      return { type, value: asArray(value)!.map(valueToJson) }
    case 'object': {
      const object = asObject(value)!
      return {
        type,
        value: Object.keys(object)
          .sort()
          .map((key) => ({ key, value: valueToJson(object[key]!) })),
      }
    }
    case 'number':
      return { type, value: jsonNumber(value as bigint | number) }
    case 'function':
      return { type, value: `function(${(value as FunctionValue).name})` }
    case 'capsule':
      return capsuleJson(value as Capsule)
    default:
      return { type, value: value as null | boolean | string }
  }
}

function capsuleJson(capsule: Capsule): ValueJson {
  if (isSecret(capsule)) return { type: 'capsule', value: '(secret)' }
  const open = openSecret(capsule)
  return open ? { type: 'string', value: open.text } : { type: 'capsule', value: `capsule(${capsule.kind})` }
}

/** JSON has no NaN and no infinity: they show as text. */
function jsonNumber(value: bigint | number): number | string {
  const number = Number(value)
  return Number.isFinite(number) ? number : String(number)
}
