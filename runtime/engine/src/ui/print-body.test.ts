import { expect, test } from 'vitest'
import { printBody } from './print-body.ts'

const attr = (name: string, type: string, value: unknown) => ({ type: 'attr', name, value: { type, value } })

test('printBody() prints attributes and blocks as configuration text', () => {
  const body = [
    attr('url', 'string', 'http://a/"b"'),
    attr('count', 'number', 3),
    attr('on', 'bool', true),
    attr('nothing', 'null', null),
    attr('password', 'capsule', '(secret)'),
    { type: 'block', name: 'endpoint', label: 'main', body: [attr('url', 'string', 'x')] },
    { type: 'block', name: 'empty', body: [] },
  ]
  expect(printBody(body)).toBe(
    [
      'url = "http://a/\\"b\\""',
      'count = 3',
      'on = true',
      'nothing = null',
      'password = (secret)',
      'endpoint "main" {',
      '  url = "x"',
      '}',
      'empty {',
      '}',
    ].join('\n'),
  )
})

test('printBody() keeps short lists and objects on one line and breaks long ones', () => {
  const text = (value: string) => ({ type: 'string', value })
  const field = (key: string, value: string) => ({ key, value: text(value) })
  expect(printBody([attr('list', 'array', [text('a'), text('b')])])).toBe('list = ["a", "b"]')
  expect(printBody([attr('map', 'object', [field('a', '1'), field('b-c', '2')])])).toBe(
    'map = { a = "1", "b-c" = "2" }',
  )
  const long = 'x'.repeat(40)
  expect(printBody([attr('list', 'array', [text(long), text(long)])])).toBe(`list = [\n  "${long}",\n  "${long}",\n]`)
  expect(printBody([attr('map', 'object', [field('a', long), field('b', long)])])).toBe(
    `map = {\n  a = "${long}",\n  b = "${long}",\n}`,
  )
})

test('printBody() stops at a depth that no page needs', () => {
  let value: unknown = { type: 'string', value: 'deep' }
  for (let i = 0; i < 100; i++) value = { type: 'array', value: [value] }
  const text = printBody([{ type: 'attr', name: 'deep', value }])
  expect(text).toContain('…')
  expect(text).not.toContain('"deep"')
  let block: unknown = attr('deep', 'string', 'x')
  for (let i = 0; i < 100; i++) block = { type: 'block', name: 'b', body: [block] }
  expect(printBody([block])).toContain('…')
})
