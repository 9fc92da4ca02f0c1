import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EvaluationError } from '../evaluate/evaluation-error.ts'
import { evaluateText, library } from '../testing/evaluate-text.ts'
import { FunctionValue, type ObjectValue, type Value } from '../value.ts'
import { isSecret, makeOptionalSecret, makeSecret, openSecret } from '../value/secret.ts'
import { deprecatedNames, experimentalNames } from './names.ts'

const names = {
  secret: makeSecret('pw'),
  plain: makeOptionalSecret('op', false),
  marked: makeOptionalSecret('mk', true),
}

interface Reference {
  readonly functions: readonly {
    readonly name: string
    readonly stability: string
    readonly deprecated_alias?: string
  }[]
  readonly constants: readonly { readonly name: string }[]
}

const reference = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../test/compat/reference/stdlib.json'), 'utf8'),
) as Reference

function found(path: string): Value | undefined {
  return path.split('.').reduce<Value | undefined>((value, name) => (value as ObjectValue | undefined)?.[name], library)
}

describe('stdlib() has what Alloy has', () => {
  test.each(reference.functions)('$name', ({ name, stability, deprecated_alias }) => {
    expect(found(name)).toBeInstanceOf(FunctionValue)
    expect((found(name) as FunctionValue).name).toBe(name)
    expect(experimentalNames.has(name)).toBe(stability === 'experimental')
    if (deprecated_alias === undefined) return
    expect(deprecatedNames[deprecated_alias]).toBe(name)
    expect(found(deprecated_alias)).toBe(found(name))
  })

  test.each(reference.constants)('$name', ({ name }) => {
    expect(typeof found(name)).toBe('string')
  })
})

describe('stdlib()', () => {
  test.each<[string, Value]>([
    ['constants.hostname + constants.os + constants.arch + constants.version', 'boxlinuxamd64v0.0.0'],
    ['sys.env("HOME")', '/root'],
    ['sys.env("UNSET")', ''],
    ['env("HOME")', '/root'],
    ['coalesce()', null],
    ['coalesce(null, "", 0, 0.0, false, [], {}, "x", "y")', 'x'],
    ['coalesce(null, "")', ''],
    ['coalesce(1, 2)', 1n],
    ['array.concat()', []],
    ['array.concat([1], [], [2, [3]])', [1n, 2n, [3n]]],
    [
      'array.combine_maps([{a = 1, b = 2}, {a = 2}], [{a = 1, b = 3, c = 4}, {c = 5}], ["a"])',
      [{ a: 1n, b: 3n, c: 4n }],
    ],
    ['array.combine_maps([{a = 1}], [{a = 2}, {a = 1}], ["a"], true)', [{ a: 1n }, { a: 1n }]],
    ['array.combine_maps([{a = 1}], [], ["a"], true)', []],
    [
      'array.group_by([{k = "x", n = 1}, {n = 2}, {k = "x", n = 3}], "k", false)',
      [
        {
          k: 'x',
          items: [
            { k: 'x', n: 1n },
            { k: 'x', n: 3n },
          ],
        },
        { k: '', items: [{ n: 2n }] },
      ],
    ],
    ['array.group_by([{n = 2}], "k", true)', []],
    ['convert.nonsensitive(secret) + convert.nonsensitive("x") + nonsensitive(marked)', 'pwxmk'],
    ['encoding.to_base64("héllo")', 'aMOpbGxv'],
    ['encoding.from_base64("aMOp\\nbGxv")', 'héllo'],
    ['encoding.to_URLbase64("??>>")', 'Pz8-Pg=='],
    ['encoding.from_URLbase64("Pz8-Pg==")', '??>>'],
    ['encoding.from_json(`{"a": [1, 2.5, "x", null, true], "__proto__": {"b": 1}}`)["a"]', [1, 2.5, 'x', null, true]],
    ['encoding.from_json(`{"__proto__": 1}`)["__proto__"]', 1],
    ['encoding.to_json({b = [1, 1.5, null], a = "<&>"})', '{"a":"\\u003c\\u0026\\u003e","b":[1,1.5,null]}'],
    [
      'encoding.from_yaml("a: 1\\nb: [x, 2.5, ~, yes, 0o17]\\nc: &x {d: 1}\\ne: *x")',
      {
        a: 1n,
        b: ['x', 2.5, null, 'yes', 15n],
        c: { d: 1n },
        e: { d: 1n },
      },
    ],
    ['encoding.from_yaml("base: &b {x: 1}\\nmore:\\n  <<: *b\\n  1: 2")["more"]', { x: 1n, '1': 2n }],
    ['encoding.from_yaml("a: 18446744073709551616")', { a: 18446744073709551616 }],
    ['encoding.from_yaml("--- 1\\n--- 2")', 1n],
    ['encoding.from_yaml("")', null],
    ['encoding.url_encode("a b&c=é/~*\'")', 'a+b%26c%3D%C3%A9%2F~%2A%27'],
    ['encoding.url_decode("a+b%26c%3D%C3%A9%2F~")', 'a b&c=é/~'],
    ['file.path_join()', ''],
    ['file.path_join("", "")', ''],
    ['file.path_join("/a/", "../b", "", "c/")', '/b/c'],
    ['file.path_join("/")', '/'],
    ['file.path_join("a", "..")', '.'],
    ['json_path(`{"a": {"b": [1, 2.0, 12345678901234567890]}}`, ".a.b[*]")', [1n, 2, 1.2345678901234567e19]],
    ['json_path(`{"a": 1}`, "$.a")', [1n]],
    ['json_path(`{"a": 1}`, "a")', [1n]],
    ['json_path(`{"a": 1}`, ".b")', []],
    ['json_path(`[{"n": "x", "v": 1}, {"n": "y", "v": 2}]`, `[?(@.n == "y")].v`)', [2n]],
    ['json_path(`{"a": [{"b": 1}, {"b": 2}]}`, "$..b")', [1n, 2n]],
    ['string.format("%s has %d of %.1f%%", "x", 3, 1.25)', 'x has 3 of 1.2%'],
    ['string.join(["a", 1, "b"], ", ")', 'a, 1, b'],
    ['string.join([], ",")', ''],
    ['string.replace("aXbX", "X", "$&")', 'a$&b$&'],
    ['string.replace("é😀", "", "-")', '-é-😀-'],
    ['string.split("a,b,", ",")', ['a', 'b', '']],
    ['string.split("é😀", "")', ['é', '😀']],
    ['string.to_lower("ÀΣİ")', 'àσi'],
    ['string.to_upper("straße é")', 'STRAßE É'],
    ['string.trim("¡¡Hi!!", "!¡")', 'Hi'],
    ['string.trim("aaa", "a")', ''],
    ['string.trim_prefix("foo.bar", "foo.")', 'bar'],
    ['string.trim_suffix("foo.bar", ".bar")', 'foo'],
    ['string.trim_suffix("foo", "")', 'foo'],
    ['string.trim_space(" \\t\\n\\u0085\\u00a0x\\r\\n")', 'x'],
    ['string.to_lower(5) + string.to_lower(plain) + string.to_lower(null)', '5op'],
  ])('%s', (text, expected) => {
    expect(evaluateText(text, names)).toEqual(expected)
  })

  test.each([
    ['string.to_lower()', 'wrong-argument-count'],
    ['string.to_lower("a", "b")', 'wrong-argument-count'],
    ['string.format()', 'wrong-argument-count'],
    ['array.combine_maps([], [])', 'wrong-argument-count'],
    ['string.to_lower(secret)', 'invalid-argument'],
    ['string.to_lower(marked)', 'invalid-argument'],
    ['string.to_lower(true)', 'invalid-argument'],
    ['string.join("a", ",")', 'invalid-argument'],
    ['array.concat([1], "a")', 'invalid-argument'],
    ['array.combine_maps([1], [], ["a"])', 'invalid-argument'],
    ['array.combine_maps([], [], [])', 'invalid-argument'],
    ['array.combine_maps([], [], ["a"], "true")', 'invalid-argument'],
    ['array.group_by([{a = 1}], "a", true)', 'invalid-argument'],
    ['encoding.to_json([1])', 'invalid-argument'],
    ['encoding.to_json({f = sys.env})', 'invalid-argument'],
    ['json_path("{}", "$[")', 'invalid-argument'],
    ['json_path("{", "$")', 'function-failed'],
    ['encoding.from_json("{a: 1}")', 'function-failed'],
    ['encoding.from_json("")', 'function-failed'],
    ['encoding.from_yaml("a: b: c")', 'function-failed'],
    ['encoding.from_base64("YQ")', 'function-failed'],
    ['encoding.from_base64("Pz8-Pg==")', 'function-failed'],
    ['encoding.from_URLbase64("Pz8/Pg==")', 'function-failed'],
    ['encoding.url_decode("%zz")', 'function-failed'],
    ['encoding.url_decode("%4")', 'function-failed'],
  ])('%s fails with %s', (text, code) => {
    const fails = () => evaluateText(text, names)
    expect(fails).toThrow(EvaluationError)
    expect(fails).toThrow(expect.objectContaining({ diagnostic: expect.objectContaining({ code }) }))
  })

  test.each([
    ['string.format("Bearer %s", secret)', 'Bearer pw'],
    ['string.format("%v", [{a = marked}])', '[map[a:mk]]'],
    ['encoding.to_json({a = secret})', '{"a":"pw"}'],
  ])('%s is a secret', (text, content) => {
    const value = evaluateText(text, names)
    expect(isSecret(value)).toBe(true)
    expect(openSecret(value)?.text).toBe(content)
  })

  test.each([
    ['JSON', `encoding.from_json(\`${'['.repeat(100_000)}${']'.repeat(100_000)}\`)`],
    ['YAML', `encoding.from_yaml(\`${'['.repeat(20_000)}${']'.repeat(20_000)}\`)`],
    ['aliases', `encoding.from_yaml(\`${aliasBomb(9)}\`)`],
  ])('gives up on bombs of %s', (_, text) => {
    expect(() => evaluateText(text)).toThrow(EvaluationError)
  })

  test('quotes nothing of what it fails to decode', () => {
    for (const call of [
      'encoding.from_json("hunter2")',
      'encoding.from_yaml("a: [hunter2")',
      'encoding.from_base64("hunter2")',
    ]) {
      expect(() => evaluateText(call)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
      )
    }
  })
})

/** Each level doubles the one before it nine times. */
function aliasBomb(levels: number): string {
  const lines = ['l0: &l0 [x, x]']
  for (let level = 1; level <= levels; level++) {
    lines.push(`l${level}: &l${level} [${Array.from({ length: 9 }, () => `*l${level - 1}`).join(', ')}]`)
  }
  return lines.join('\n')
}
