/**
 * Values of expressions. An integer is a `bigint` (int64; uint64 above the largest int64), a float is a `number`: the
 * language tells `3` and `3.0` apart. An object has a null prototype. Everything that is not plain is a Capsule.
 */
export type Value = null | boolean | bigint | number | string | readonly Value[] | ObjectValue | FunctionValue | Capsule

export interface ObjectValue {
  readonly [key: string]: Value
}

export class FunctionValue {
  readonly name: string
  readonly call: (args: readonly Value[]) => Value
  constructor(name: string, call: (args: readonly Value[]) => Value) {
    this.name = name
    this.call = call
  }
}

/**
 * An opaque value. `kind` is what diagnostics and the type checker call it: `secret` and `optional_secret` (made and
 * opened with value/secret.ts), `receiver` (data: a reference to a component's port), or a name that a component chose.
 * Expressions read a capsule whose data has `fields`, an object, as they read an object: `x.name`, `x["name"]`.
 */
export class Capsule {
  readonly kind: string
  readonly data: unknown
  constructor(kind: string, data: unknown) {
    this.kind = kind
    this.data = data
  }
}
