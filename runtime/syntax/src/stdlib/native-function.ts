import type { Conversion } from '../convert/convert.ts'
import { CallError } from '../evaluate/call-error.ts'
import { FunctionValue, type Value } from '../value.ts'

/** How a parameter takes its argument: one of the conversions of convert.ts, or {@link anyValue}. */
export type Parameter<T> = (value: Value) => Conversion<T>

export const anyValue: Parameter<Value> = (value) => ({ ok: true, value })

/** A function with a fixed number of arguments; `optional` of the last ones may be left out and are then null. */
export function native<A extends readonly unknown[]>(
  name: string,
  parameters: { readonly [K in keyof A]: Parameter<A[K]> },
  body: (...args: A) => Value,
  optional = 0,
): FunctionValue {
  return new FunctionValue(name, (args) => {
    checkCount(args.length, parameters.length - optional, parameters.length)
    const converted = parameters.map((parameter, index) => argument(parameter, args[index] ?? null, index))
    return body(...(converted as unknown as A))
  })
}

/** A function with `first` and any number of further arguments. */
export function variadic<A extends readonly unknown[], R>(
  name: string,
  first: { readonly [K in keyof A]: Parameter<A[K]> },
  rest: Parameter<R>,
  body: (first: A, rest: readonly R[]) => Value,
): FunctionValue {
  return new FunctionValue(name, (args) => {
    checkCount(args.length, first.length, Infinity)
    const head = first.map((parameter, index) => argument(parameter, args[index]!, index))
    const tail = args.slice(first.length).map((value, index) => argument(rest, value, first.length + index))
    return body(head as unknown as A, tail)
  })
}

function checkCount(count: number, least: number, most: number): void {
  if (count >= least && count <= most) return
  const wanted = most === Infinity ? `at least ${least}` : least === most ? `${least}` : `${least} to ${most}`
  throw new CallError('wrong-argument-count', `found ${count} argument${count === 1 ? '' : 's'}, want ${wanted}`)
}

function argument<T>(parameter: Parameter<T>, value: Value, index: number): T {
  const converted = parameter(value)
  if (converted.ok) return converted.value
  throw new CallError('invalid-argument', converted.reason, {
    argument: index,
    ...(converted.advice !== undefined && { advice: converted.advice }),
  })
}
