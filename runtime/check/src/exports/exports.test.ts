import { Capsule, openSecret, valueToJson } from '@ingot/syntax'
import { describe, expect, test } from 'vitest'
import { manifests } from '../../testdata/manifests.ts'
import { exportsToValue } from './exports-to-value.ts'
import { staticExports } from './static-exports.ts'

const schemaOf = (name: string) => manifests.get(name)!.exports

describe('staticExports()', () => {
  test('has receivers with their port types, at any depth', () => {
    const { ports, count, ratio } = staticExports(schemaOf('test.any'), 'test.any.x')
    const { logs } = ports as { readonly logs: Capsule }
    expect(logs.kind).toBe('receiver')
    expect(logs.data).toEqual({ component: 'test.any.x', port: 'ports.logs', types: ['loki.logs'] })
    expect([count, ratio]).toEqual([0n, 0])
  })

  test('has the empty value of all other types', () => {
    const { output, rules } = staticExports(schemaOf('discovery.relabel'), 'discovery.relabel.x')
    expect(output).toEqual([])
    expect((rules as Capsule).kind).toBe('RelabelRules')
    const { content } = staticExports(schemaOf('local.file'), 'local.file.x')
    expect(openSecret(content!)).toEqual({ kind: 'optional_secret', text: '', marked: false })
  })
})

describe('exportsToValue()', () => {
  test('tells integers from floats by the schema', () => {
    const plain = { value: { count: 3, ratio: 3 }, secrets: [] }
    const { count, ratio, ports } = exportsToValue(schemaOf('test.any'), plain, 'test.any.x')
    expect([count, ratio]).toEqual([3n, 3])
    expect((ports as { readonly logs: Capsule }).logs.kind).toBe('receiver')
  })

  test('marks secrets, which nothing prints', () => {
    const plain = { value: { content: 's3cret' }, secrets: [['content']] }
    const exported = exportsToValue(schemaOf('local.file'), plain, 'local.file.x')
    expect(openSecret(exported['content']!)).toMatchObject({ marked: true, text: 's3cret' })
    expect(valueToJson(exported['content']!)).toEqual({ type: 'capsule', value: '(secret)' })
    expect(JSON.stringify(exported)).not.toContain('s3cret')
    const open = exportsToValue(schemaOf('local.file'), { value: { content: 'a' }, secrets: [] }, 'local.file.x')
    expect(openSecret(open['content']!)).toMatchObject({ marked: false, text: 'a' })
  })

  test('keeps what a capsule holds, and which of it is secret', () => {
    const plain = { value: { output: [{ a: 'b' }], rules: [{ key: 'k' }] }, secrets: [['rules', 0, 'key']] }
    const { rules, output } = exportsToValue(schemaOf('discovery.relabel'), plain, 'discovery.relabel.x')
    expect((rules as Capsule).data).toEqual({ plain: [{ key: 'k' }], secrets: [[0, 'key']] })
    expect(output).toEqual([{ a: 'b' }])
  })
})
