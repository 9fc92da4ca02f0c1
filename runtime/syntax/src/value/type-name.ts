import { Capsule, FunctionValue, type ObjectValue, type Value } from '../value.ts'

export type TypeName = 'null' | 'number' | 'string' | 'bool' | 'array' | 'object' | 'function' | 'capsule'

/** The type of a value, as the language names it. */
export function typeName(value: Value): TypeName {
  if (value === null) return 'null'
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'bigint':
    case 'number':
      return 'number'
    case 'string':
      return 'string'
    default:
      if (Array.isArray(value)) return 'array'
      if (value instanceof FunctionValue) return 'function'
      return value instanceof Capsule ? 'capsule' : 'object'
  }
}

/** The type of a value for messages: of a capsule what it holds, such as `secret`; never anything of its content. */
export function describeType(value: Value): string {
  return value instanceof Capsule ? value.kind : typeName(value)
}

/** The value as an object, when it is one. */
export function asObject(value: Value): ObjectValue | undefined {
  return typeName(value) === 'object' ? (value as ObjectValue) : undefined
}

/** The value as an array, when it is one. */
export function asArray(value: Value): readonly Value[] | undefined {
  return Array.isArray(value) ? (value as readonly Value[]) : undefined
}
