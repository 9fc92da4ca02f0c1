import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { brokenBy } from './broken-rules.ts'
import { fixed, notYet, unsupported } from './not-yet.ts'
import { namesOf, type Rule } from './rule.ts'
import { withRules } from './with-rules.ts'

describe('brokenBy()', () => {
  test.each<[Rule, Record<string, unknown>, string | undefined]>([
    [{ rule: 'at_most_one', of: ['a', 'b'] }, { a: 'x', b: '' }, undefined],
    [{ rule: 'at_most_one', of: ['a', 'b'] }, { a: 'x', b: 'y' }, 'b conflict'],
    [{ rule: 'at_most_one', of: [['a', 'b'], 'c'] }, { b: {}, c: [0] }, 'c conflict'],
    [{ rule: 'exactly_one', of: ['a', 'b'] }, { a: false, b: [] }, 'a missing'],
    [{ rule: 'at_least_one', of: ['a', ['b', 'c']] }, { c: 1 }, undefined],
    [{ rule: 'requires', when: 'a', of: [['b', 'c']] }, { a: 1, c: 1 }, undefined],
    [{ rule: 'requires', when: 'a', of: ['b'] }, { a: 1 }, 'b missing'],
    [{ rule: 'requires', when: 'a', of: ['b'] }, { a: 0 }, undefined],
    [{ rule: 'excludes', when: { a: ['x', 'y'] }, of: ['b'] }, { a: 'y', b: 1 }, 'b conflict'],
    [{ rule: 'excludes', when: { a: ['x', 'y'] }, of: ['b'] }, { a: 'z', b: 1 }, undefined],
    [{ rule: 'not_greater', of: ['a', 'b'] }, { a: 2, b: 1 }, 'a invalid'],
    [{ rule: 'not_greater', of: ['a', 'b'] }, { a: 2 }, undefined],
    [{ rule: 'not_greater', of: ['a', 'b'], unless_zero: true }, { a: 2, b: 0 }, undefined],
    [{ rule: 'positive', of: ['a'] }, { a: 0 }, 'a invalid'],
    [{ rule: 'unique', of: 'a', ignore_case: true }, { a: ['x', 'X'] }, 'a invalid'],
    [{ rule: 'unique', of: 'a', by: 'n' }, { a: [{ n: 'x' }, { n: 'X' }, {}, {}] }, undefined],
    [{ rule: 'of a later version' } as unknown as Rule, { a: 1 }, undefined],
  ])('%j on %j: %s', (rule, values, wanted) => {
    const [found] = brokenBy(rule, values)
    expect(found && `${found.argument} ${found.kind}`).toBe(wanted)
  })

  test('judges relabel rules of any values, and names only their arguments', () => {
    const rule = { rule: 'relabel_rule' } as const
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom('replace', 'hashmod', 'labelkeep', '(a)', '$1'),
      fc.constant(undefined),
    )
    const values = fc.record(Object.fromEntries(namesOf(rule).map((name) => [name, value])), { requiredKeys: [] })
    fc.assert(
      fc.property(values, ({ source_labels: label, modulus, ...others }) => {
        const found = brokenBy(rule, { ...others, source_labels: label && [label], modulus: modulus && modulus.length })
        for (const { argument, place } of found) {
          expect(namesOf(rule)).toContain(argument)
          if (place) expect(place.start <= place.end && place.end <= String(others[argument]).length).toBe(true)
        }
      }),
    )
  })
})

test('withRules() refuses what breaks a rule, and the manifest has all rules', () => {
  const text = z.string().optional()
  const inner = withRules(z.strictObject({ a: text, b: text }), { rule: 'at_most_one', of: ['a', 'b'] })
  const schema = withRules(inner, { rule: 'requires', when: 'a', of: ['b'] })
  expect(schema.safeParse({ a: 'x' }).success).toBe(false)
  expect(schema.safeParse({ b: 'x' }).success).toBe(true)
  expect(z.toJSONSchema(schema.optional())['rules']).toEqual([
    { rule: 'at_most_one', of: ['a', 'b'] },
    { rule: 'requires', when: 'a', of: ['b'] },
  ])
})

test('notYet(), fixed() and unsupported() take what there is, and the manifest says what that is', () => {
  expect(notYet(z.string(), { except: ['a'] }).safeParse('b').error?.issues[0]?.message).toContain('want "a"')
  expect(fixed(z.boolean(), false).parse(undefined)).toBe(false)
  expect(fixed(z.boolean(), false).safeParse(true).success).toBe(false)
  expect(unsupported(z.string()).safeParse('').success).toBe(false)
  expect(unsupported(z.string()).safeParse(undefined).success).toBe(true)
  expect(z.toJSONSchema(fixed(z.boolean(), false), { io: 'input' })).toMatchObject({ not_yet: { except: [false] } })
})
