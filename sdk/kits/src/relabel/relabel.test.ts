import { createHash } from 'node:crypto'
import { Labels } from '@ingot/telemetry'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { md5Modulo, md5Words } from '../bytes/md5.ts'
import { brokenBy } from '../rules/broken-rules.ts'
import { relabelRule } from './relabel-rule.ts'
import { Relabeler } from './relabeler.ts'

const apply = (rules: readonly object[], labels: Record<string, string>) =>
  new Relabeler(rules.map((rule) => relabelRule.parse(rule))).apply(Labels.from(Object.entries(labels)))?.toObject()

describe('Relabeler', () => {
  const labels = { a: 'foo', b: 'bar', c: 'Baz' }
  test.each<[string, object[], Record<string, string> | undefined]>([
    [
      'replace with a group',
      [{ source_labels: ['a'], regex: 'f(.*)', target_label: 'd', replacement: 'ch${1}-ch${1}' }],
      { ...labels, d: 'choo-choo' },
    ],
    ['replace joins sources', [{ source_labels: ['a', 'b'], target_label: 'd' }], { ...labels, d: 'foo;bar' }],
    [
      'replace leaves no match alone',
      [{ source_labels: ['a'], regex: 'x', target_label: 'a', replacement: '' }],
      labels,
    ],
    [
      'replace removes by an empty value',
      [{ source_labels: ['a'], target_label: 'a', replacement: '' }],
      { b: 'bar', c: 'Baz' },
    ],
    [
      'replace writes to a computed label',
      [{ source_labels: ['a'], regex: '(f).*', target_label: '${1}_x', replacement: 'v' }],
      { ...labels, f_x: 'v' },
    ],
    [
      'replace ignores an invalid computed label',
      [{ source_labels: ['zz'], target_label: '${1}', replacement: 'v' }],
      labels,
    ],
    ['replace is anchored', [{ source_labels: ['a'], regex: 'o', target_label: 'd', replacement: 'v' }], labels],
    ['keep', [{ source_labels: ['a'], regex: 'foo', action: 'keep' }], labels],
    ['keep drops the rest', [{ source_labels: ['a'], regex: 'fo', action: 'keep' }], undefined],
    ['drop', [{ source_labels: ['a'], regex: '.*o.*', action: 'drop' }], undefined],
    ['drop on an absent label', [{ source_labels: ['zz'], regex: '', action: 'drop' }], undefined],
    ['keepequal', [{ source_labels: ['a'], target_label: 'b', action: 'keepequal' }], undefined],
    ['dropequal', [{ source_labels: ['a'], target_label: 'a', action: 'dropequal' }], undefined],
    [
      'hashmod',
      [{ source_labels: ['c'], target_label: 'd', modulus: 1000, action: 'hashmod' }],
      { ...labels, d: String(Number(BigInt(`0x${createHash('md5').update('Baz').digest('hex').slice(16)}`) % 1000n)) },
    ],
    ['labelmap', [{ regex: '(a|b)', replacement: 'x_$1', action: 'labelmap' }], { ...labels, x_a: 'foo', x_b: 'bar' }],
    ['labeldrop', [{ regex: '[ab]', action: 'labeldrop' }], { c: 'Baz' }],
    ['labelkeep', [{ regex: '[ab]', action: 'LabelKeep' }], { a: 'foo', b: 'bar' }],
    ['lowercase', [{ source_labels: ['c'], target_label: 'c', action: 'lowercase' }], { ...labels, c: 'baz' }],
    [
      'uppercase',
      [{ source_labels: ['c', 'a'], separator: 'ß', target_label: 'd', action: 'uppercase' }],
      { ...labels, d: 'BAZßFOO' },
    ],
    [
      'rules in order',
      [
        { source_labels: ['a'], target_label: 'd' },
        { source_labels: ['d'], regex: 'foo', action: 'drop' },
      ],
      undefined,
    ],
  ])('%s', (_, rules, wanted) => {
    expect(apply(rules, labels)).toEqual(wanted)
  })

  test.each<[object, string]>([
    [{ action: 'replace' }, 'target_label'],
    [{ action: 'hashmod', target_label: 'x' }, 'modulus'],
    [{ action: 'labeldrop', target_label: 'x' }, 'only \\"regex\\"'],
    [{ action: 'labelkeep', separator: ',' }, 'only \\"regex\\"'],
    [{ action: 'keepequal', target_label: 'x', regex: 'y' }, 'only \\"source_labels\\"'],
    [{ action: 'lowercase', target_label: 'a b' }, 'found \\" \\"'],
    [{ action: 'lowercase', target_label: 'a', replacement: 'b' }, 'does not use it'],
    [{ action: 'labelmap', replacement: '' }, 'found nothing'],
    [{ action: 'nonsense' }, 'action'],
    [{ action: 'keep', regex: '(?=x)' }, 'lookahead'],
    [{ action: 'keep', unknown: 1 }, 'unknown'],
  ])('refuses %j', (rule, message) => {
    const { error } = relabelRule.safeParse(rule)
    expect(JSON.stringify(error?.issues)).toContain(message)
  })

  test.each<[object, string | undefined]>([
    [{ target_label: 'a', replacement: '$1' }, undefined],
    [{ target_label: 'a', regex: '(?P<name>x)', replacement: '${name}-$1-$$2' }, undefined],
    [{ target_label: 'a', replacement: '$1_total' }, 'write "${1}_total" for what follows group 1'],
    [{ target_label: 'a', regex: 'x', replacement: '$1' }, 'always empty'],
    [{ action: 'labelmap', regex: 'x(.)', replacement: 'y_$2' }, 'always empty'],
  ])('doubts references to groups that are not there: %j', (rule, doubt) => {
    const [found] = brokenBy({ rule: 'relabel_rule' }, { ...rule })
    expect(found?.kind).toBe(doubt && 'doubtful')
    expect(`${found?.reason} ${found?.advice}`).toContain(doubt ?? 'undefined')
    expect(relabelRule.safeParse(rule).success).toBe(true)
  })

  test('keeps, drops and writes as a direct model does', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd')
    const value = fc.constantFrom('x', 'y', 'xy', '')
    const rule = fc.oneof(
      fc.record({
        action: fc.constant('keep'),
        source_labels: fc.array(name, { maxLength: 2 }),
        regex: fc.constantFrom('x', 'x?;?y?', '.*'),
      }),
      fc.record({
        action: fc.constant('replace'),
        source_labels: fc.array(name, { maxLength: 2 }),
        regex: fc.constantFrom('(.*)', '(x).*'),
        target_label: name,
      }),
      fc.record({ action: fc.constant('labeldrop'), regex: fc.constantFrom('a|b', 'c') }),
    )
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 5 }), fc.dictionary(name, value), (rules, given) => {
        expect(apply(rules, given)).toEqual(model(rules as ModelRule[], given))
      }),
    )
  })
})

interface ModelRule {
  action: string
  source_labels?: string[]
  regex: string
  target_label?: string
}

function model(rules: ModelRule[], given: Record<string, string>): Record<string, string> | undefined {
  let labels = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''))
  for (const { action, source_labels: sources = [], regex, target_label: target } of rules) {
    const value = sources.map((name) => labels[name] ?? '').join(';')
    const match = new RegExp(`^(?:${regex})$`).exec(value)
    if (action === 'keep' && !match) return undefined
    if (action === 'replace' && match) {
      const { [target!]: _, ...rest } = labels
      labels = match[1] ? { ...rest, [target!]: match[1] } : rest
    }
    if (action === 'labeldrop')
      labels = Object.fromEntries(Object.entries(labels).filter(([name]) => !new RegExp(`^(?:${regex})$`).test(name)))
  }
  return labels
}

test('md5Words() and md5Modulo() equal the host’s digest', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 1e9 }), (bytes, modulus) => {
      const hex = createHash('md5').update(bytes).digest('hex')
      expect(Buffer.from(md5Words(bytes).buffer).toString('hex')).toBe(hex)
      expect(md5Modulo(bytes, modulus)).toBe(Number(BigInt(`0x${hex.slice(16)}`) % BigInt(modulus)))
    }),
  )
})
