import { expect, test } from 'vitest'
import { limitDefaults } from '../limits.ts'
import { readLog, readMetric } from './runner-claims.ts'

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

test('readLog() keeps the fields of a line from passing for what the collector says', () => {
  const fields = {
    component_id: 'other',
    ts: 0,
    level: 'error',
    msg: 'a',
    'x y\nlevel': 'b',
    nested: { a: [1] },
    ok: true,
  }
  expect(readLog(json({ level: 'info', message: 'a', fields }), limitDefaults).fields).toEqual({
    'field.component_id': 'other',
    'field.ts': 0,
    'field.level': 'error',
    'field.msg': 'a',
    x_y_level: 'b',
    nested: '{"a":[1]}',
    ok: true,
  })
})

test('readLog() bounds a line and each of its fields', () => {
  const fields = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, 'x'.repeat(600)]))
  const read = readLog(
    json({ level: 'loud', message: 'x'.repeat(2000), fields: { ...fields, f0: 'x'.repeat(2000) } }),
    limitDefaults,
  )
  expect(read).toMatchObject({ level: 'info', message: 'x'.repeat(1024) })
  expect(Object.keys(read.fields!)).toHaveLength(32)
  expect(read.fields!['f0']).toHaveLength(1024)
})

test('readMetric() takes ordered, finite buckets and labels that are one', () => {
  const metric = { kind: 'histogram', name: 'a', help: 'a', value: 1 }
  expect(readMetric(json({ ...metric, buckets: [5, null, 1, 5, 'x'], labels: { a: 'x'.repeat(500) } }))).toMatchObject({
    buckets: [1, 5],
    labels: { a: 'x'.repeat(200) },
  })
  expect(() => readMetric(json({ ...metric, labels: { 'a b': '1' } }))).toThrow(/malformed label/)
  expect(() => readMetric(json({ ...metric, name: 'a b' }))).toThrow(/valid name/)
})
