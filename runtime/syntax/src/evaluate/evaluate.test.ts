import { describe, expect, test } from 'vitest'
import { evaluateText, expressionOf } from '../testing/evaluate-text.ts'
import { Capsule, type Value } from '../value.ts'
import { isSecret, makeOptionalSecret, makeSecret, openSecret } from '../value/secret.ts'
import { evaluate } from './evaluate.ts'
import { EvaluationError } from './evaluation-error.ts'
import type { Reference } from './references.ts'

const names: Readonly<Record<string, Value>> = {
  secret: makeSecret('pw'),
  marked: makeOptionalSecret('mk', true),
  open: makeOptionalSecret('op', false),
  list: [1n, 'two', null],
  target: new Capsule('target', { fields: { __address__: 'h:1' } }),
}

function codeOf(text: string): string {
  try {
    evaluateText(text, names)
  } catch (error) {
    if (error instanceof EvaluationError) return error.diagnostic.code
    throw error
  }
  return 'none'
}

describe('evaluate()', () => {
  test.each<[string, Value]>([
    ['1 + 2 * 3', 7n],
    ['(1 + 2) * 3', 9n],
    ['-2 ^ 2', 4n],
    ['2 ^ 3 ^ 2', 512n],
    ['2 ^ -1', 2n],
    ['0 ^ 0', 1n],
    ['1 ^ -5', 1n],
    ['2.0 ^ -1', 0.5],
    ['3 / 2', 1n],
    ['-3 / 2', -1n],
    ['-3 % 2', -1n],
    ['3 / 2.0', 1.5],
    ['5.5 % 2', 1.5],
    ['1 - 1.0', 0],
    ['9223372036854775807 + 1', -9223372036854775808n],
    ['18446744073709551615 - 18446744073709551614', 1n],
    ['18446744073709551615 == -1', true],
    ['18446744073709551615 < 0', true],
    ['-18446744073709551615', 1n],
    ['010', 8n],
    ['08', 8],
    ['18446744073709551616', 18446744073709551616],
    ['"a" + "b"', 'ab'],
    ['"a" < "b"', true],
    ['"\u{10000}" > "\uFFFD"', true],
    ['1 < 1.5', true],
    ['true && false || true', true],
    ['!true == false', true],
    ['1 == 1.0', true],
    ['1 == "1"', false],
    ['null == null', true],
    ['[1, {a = 2}] == [1.0, {a = 2.0}]', true],
    ['{a = 1} == {a = 1, b = null}', false],
    ['sys.env == sys.env', false],
    ['{a = 1, "a" = 2}["a"]', 2n],
    ['{"a\\tb" = 1}["a\\\\tb"]', 1n],
    ['{"" = 1}["\\"\\""]', 1n],
    ['{a = 1}["b"]', null],
    ['[1, 2][1.9]', 2n],
    ['list[1]', 'two'],
    ['target.__address__', 'h:1'],
    ['target["port"]', null],
    ['[sys.env][0]("HOME")', '/root'],
    ['{f = sys.env}.f("NONE")', ''],
    ['"\\x41\\u00e9\\U0001F600\\101\\xe2\\x82\\xac"', 'Aé😀A€'],
    ['`a\\n"b"`', 'a\\n"b"'],
    ['secret == "pw"', true],
    ['open == "op"', true],
    ['open + "x"', 'opx'],
    ['"x" + open', 'xop'],
  ])('gives %s', (text, value) => {
    expect(evaluateText(text, names)).toEqual(value)
  })

  test.each([
    ['secret + "x"', 'secret', 'pwx'],
    ['"x" + secret', 'secret', 'xpw'],
    ['secret + secret', 'secret', 'pwpw'],
    ['secret + open', 'secret', 'pwop'],
    ['marked + secret', 'secret', 'mkpw'],
    ['marked + "x"', 'optional_secret', 'mkx'],
    ['"x" + marked', 'optional_secret', 'xmk'],
    ['open + marked', 'optional_secret', 'opmk'],
  ])('keeps %s secret', (text, kind, content) => {
    const value = evaluateText(text, names)
    expect(isSecret(value)).toBe(true)
    expect(openSecret(value)).toMatchObject({ kind, text: content })
    expect(JSON.stringify(value)).not.toContain(content)
  })

  test.each([
    ['secret + 1', 'invalid-operand'],
    ['target + target', 'invalid-operand'],
    ['secret < secret', 'invalid-operand'],
    ['true || 1', 'invalid-operand'],
    ['false && (1 / 0 == 1)', 'division-by-zero'],
    ['1 < 2 < 3', 'invalid-operand'],
    ['"a" < 1', 'invalid-operand'],
    ['[1][-1]', 'index-out-of-range'],
    ['[][0]', 'index-out-of-range'],
    ['{a = 1}.b', 'missing-field'],
    ['{}.toString', 'missing-field'],
    ['{}["a"].b', 'wrong-type'],
    ['nothing', 'missing-reference'],
    ['__proto__', 'missing-reference'],
    ['"a"()', 'not-a-function'],
  ])('refuses %s: %s', (text, code) => {
    expect(codeOf(text)).toBe(code)
  })

  test('asks resolve() for the whole chain, then goes on with fields', () => {
    const asked: (readonly string[])[] = []
    const scope = {
      lookup: () => undefined,
      resolve: ({ names }: Reference) => {
        asked.push(names)
        return names[0] === 'loki' ? { value: { receiver: { port: 1n } }, used: 3 } : undefined
      },
    }
    expect(evaluate(expressionOf('loki.write.x.receiver.port'), scope, 'f')).toBe(1n)
    expect(evaluate(expressionOf('loki.write.x["receiver"].port'), scope, 'f')).toBe(1n)
    expect(() => evaluate(expressionOf('foo'), scope, 'f')).toThrow(EvaluationError)
    expect(asked).toEqual([['loki', 'write', 'x', 'receiver', 'port'], ['loki', 'write', 'x'], ['foo']])
  })

  test('takes null from a scope for a value', () => {
    expect(evaluateText('x', { x: null })).toBe(null)
  })

  test('reports a mistake of a resolved chain at the name that is wrong', () => {
    const scope = { lookup: () => undefined, resolve: () => ({ value: { receiver: 1n }, used: 3 }) }
    const wrong = () => evaluate(expressionOf('loki.write.x.reciever'), scope, 'f')
    expect(wrong).toThrow(
      expect.objectContaining({
        diagnostic: expect.objectContaining({ span: { start: 17, end: 25 }, hint: 'did you mean "receiver"?' }),
      }),
    )
  })
})
