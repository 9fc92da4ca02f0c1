import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import * as model from '../testing/language-model.ts'
import type { ModelValue } from '../testing/language-model.ts'
import { evaluateText } from '../testing/evaluate-text.ts'
import type { Value } from '../value.ts'
import { makeOptionalSecret, makeSecret, openSecret } from '../value/secret.ts'
import { EvaluationError } from './evaluation-error.ts'

/** The text of an expression, and what it means by the model. */
interface Sample {
  readonly text: string
  readonly value: () => ModelValue
}

const names: Readonly<Record<string, Value>> = {
  secret: makeSecret('s'),
  open: makeOptionalSecret('o', false),
  marked: makeOptionalSecret('m', true),
  nothing: makeOptionalSecret('', false),
}
const secrets = Object.entries(names).map(([text, value]) => {
  const { kind, text: inner, ...rest } = openSecret(value)!
  const secret = kind === 'secret' ? kind : 'marked' in rest && rest.marked ? 'marked' : 'open'
  return literal(text, { secret, text: inner })
})

function literal(text: string, value: ModelValue): Sample {
  return { text, value: () => value }
}

const edges = [
  0n,
  1n,
  2n,
  3n,
  7n,
  63n,
  64n,
  2n ** 31n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 2n,
  2n ** 64n - 1n,
]
const leaf: fc.Arbitrary<Sample> = fc.oneof(
  fc.constantFrom(...edges).map((value) => literal(String(value), value)),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((value) => literal(String(value), value)),
  fc.constantFrom(0, 0.5, 1.5, 3, 1e21, 1e-7, 5e-324, 1.7e308).map((value) => literal(value.toExponential(), value)),
  fc.constantFrom('', 'a', 'b', 'ab', '😀', '\uFFFD', 'o', 's').map((value) => literal(JSON.stringify(value), value)),
  fc.constantFrom(true, false, null).map((value) => literal(String(value), value)),
  fc.constantFrom(...secrets),
)

const operators = ['||', '&&', '==', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', '%', '^']
const keys = ['a', 'b']

/** Functions of every sort of parameter: any, text, list of text, list, secret. */
const functions: Readonly<Record<string, (args: readonly ModelValue[]) => ModelValue>> = {
  coalesce: (args) => args.find((arg) => !model.isEmpty(arg)) ?? args.at(-1) ?? null,
  'array.concat': (args) => args.flatMap(list),
  'string.join': (args) => {
    const [parts, separator] = exactly(2, args)
    return list(parts!).map(model.text).join(model.text(separator!))
  },
  'string.trim_prefix': (args) => {
    const [text, prefix] = exactly(2, args).map(model.text) as [string, string]
    return text.startsWith(prefix) ? text.slice(prefix.length) : text
  },
  'convert.nonsensitive': (args) => {
    const [value] = exactly(1, args)
    return model.isSecret(value!) ? value.text : model.text(value!)
  },
}

const sample = fc.letrec<{ any: Sample }>((tie) => {
  const any = tie('any')
  const list = fc.array(any, { maxLength: 3 })
  return {
    any: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      { weight: 2, arbitrary: leaf },
      { weight: 6, arbitrary: fc.tuple(any, fc.constantFrom(...operators), any).map((parts) => binary(...parts)) },
      fc.tuple(fc.constantFrom('-', '!'), any).map(([operator, operand]) => unary(operator, operand)),
      list.map(array),
      fc.array(fc.tuple(fc.constantFrom(...keys), any), { maxLength: 3 }).map(object),
      fc
        .tuple(any, fc.constantFrom(...keys))
        .map(([of, name]) => ({ text: `(${of.text}).${name}`, value: () => model.field(of.value(), name) })),
      fc
        .tuple(any, any)
        .map(([of, at]) => ({ text: `(${of.text})[${at.text}]`, value: () => model.element(of.value(), at.value()) })),
      fc.tuple(fc.constantFrom(...Object.keys(functions)), list).map(([name, args]) => call(name, args)),
    ),
  }
}).any

function binary(left: Sample, operator: string, right: Sample): Sample {
  return {
    text: `(${left.text} ${operator} ${right.text})`,
    value: () => model.binary(operator, left.value(), right.value()),
  }
}

function unary(operator: string, operand: Sample): Sample {
  return { text: `${operator}(${operand.text})`, value: () => model.unary(operator, operand.value()) }
}

function array(elements: readonly Sample[]): Sample {
  return { text: `[${elements.map(({ text }) => text).join(', ')}]`, value: () => elements.map(({ value }) => value()) }
}

function object(fields: readonly (readonly [string, Sample])[]): Sample {
  return {
    text: `{${fields.map(([name, { text }]) => `${name} = ${text}`).join(', ')}}`,
    value: () => new Map(fields.map(([name, { value }]) => [name, value()])),
  }
}

function exactly(count: number, args: readonly ModelValue[]): readonly ModelValue[] {
  return args.length === count ? args : model.fail('wrong-argument-count')
}

function list(value: ModelValue): ModelValue[] {
  if (value === null) return []
  return Array.isArray(value) ? value : model.fail('invalid-argument')
}

function call(name: string, args: readonly Sample[]): Sample {
  const text = `${name}(${args.map((arg) => arg.text).join(', ')})`
  return { text, value: () => functions[name]!(args.map((arg) => arg.value())) }
}

/** A value of the evaluator as the model has it. */
function asModel(value: Value): ModelValue {
  const secret = openSecret(value)
  if (secret?.kind === 'secret') return { secret: 'secret', text: secret.text }
  if (secret) return { secret: secret.marked ? 'marked' : 'open', text: secret.text }
  if (Array.isArray(value)) return (value as readonly Value[]).map(asModel)
  if (typeof value !== 'object' || value === null) return value as ModelValue
  return new Map(Object.entries(value as Readonly<Record<string, Value>>).map(([key, item]) => [key, asModel(item)]))
}

function outcome(run: () => ModelValue): unknown {
  try {
    return { value: run() }
  } catch (error) {
    if (error instanceof EvaluationError) return { mistake: error.diagnostic.code }
    if (error instanceof model.Mistake) return { mistake: error.message }
    throw error
  }
}

test('evaluate() gives the value, or the mistake, that a direct model of the language gives', () => {
  const seen = { values: 0, mistakes: new Set<string>() }
  fc.assert(
    fc.property(sample, ({ text, value }) => {
      const wanted = outcome(value) as { readonly mistake?: string }
      if (wanted.mistake === undefined) seen.values++
      else seen.mistakes.add(wanted.mistake)
      expect(outcome(() => asModel(evaluateText(text, names)))).toEqual(wanted)
    }),
    { numRuns: 5_000 },
  )
  expect(seen.values).toBeGreaterThan(500)
  expect([...seen.mistakes].toSorted()).toEqual([
    'division-by-zero',
    'index-out-of-range',
    'invalid-argument',
    'invalid-operand',
    'missing-field',
    'wrong-argument-count',
    'wrong-type',
  ])
})
