import type { EvaluatedBlock } from '@ingot/graph'
import type { ArgumentsFrame } from '@ingot/sdk/host'
import { Capsule, makeSecret, type Value } from '@ingot/syntax'
import { expect, test } from 'vitest'
import { argumentsJson, exportsJson, plainJson } from './body-json.ts'

function block(name: string, attributes: Record<string, Value | undefined>, blocks: EvaluatedBlock[] = []) {
  return {
    name,
    label: undefined,
    file: 'config.alloy',
    head: { start: 0, end: 0 },
    attributes: Object.entries(attributes).map(([key, value]) => ({ name: key, value })),
    blocks,
  } as unknown as EvaluatedBlock
}

const frame = (value: unknown, secrets: ArgumentsFrame['secrets'] = []): ArgumentsFrame => ({
  value,
  outputs: [],
  secrets,
})

test('argumentsJson() gives attributes and blocks in the order of the source', () => {
  const body = block('loki.write', { max: 3n, on: true, none: null }, [block('endpoint', { url: 'http://a' })])
  expect(argumentsJson(body, undefined)).toEqual([
    { name: 'max', type: 'attr', value: { type: 'number', value: 3 } },
    { name: 'on', type: 'attr', value: { type: 'bool', value: true } },
    { name: 'none', type: 'attr', value: { type: 'null', value: null } },
    {
      name: 'endpoint',
      type: 'block',
      body: [{ name: 'url', type: 'attr', value: { type: 'string', value: 'http://a' } }],
    },
  ])
})

test('argumentsJson() leaves out what has no value yet', () => {
  expect(argumentsJson(block('a', { waiting: undefined }), undefined)).toEqual([])
})

test('argumentsJson() shows no secret, be it a secret value or plain text where the component takes a secret', () => {
  const body = block('loki.write', { token: makeSecret('hunter1') }, [
    block('basic_auth', { username: 'me', password: 'hunter2' }),
    block('endpoint', { headers: { authorization: 'hunter2', list: ['hunter2', 'plain'] } }),
  ])
  const found = argumentsJson(
    body,
    frame({ token: 'hunter1', basic_auth: { username: 'me', password: 'hunter2' } }, [
      ['token'],
      ['basic_auth', 'password'],
    ]),
  )
  const text = JSON.stringify(found)
  expect(text).not.toContain('hunter')
  expect(text.match(/\(secret\)/g)).toHaveLength(4)
  expect(text).toContain('"me"')
  expect(text).toContain('"plain"')
})

test('an empty secret hides no other empty text', () => {
  const found = argumentsJson(block('a', { password: '', note: '' }), frame({ password: '' }, [['password']]))
  expect(JSON.stringify(found)).not.toContain('(secret)')
})

test('exportsJson() hides secrets and names capsules', () => {
  expect(exportsJson({ content: makeSecret('hunter2'), receiver: new Capsule('receiver', {}) })).toEqual([
    { name: 'content', type: 'attr', value: { type: 'capsule', value: '(secret)' } },
    { name: 'receiver', type: 'attr', value: { type: 'capsule', value: 'capsule(receiver)' } },
  ])
  expect(exportsJson(undefined)).toEqual([])
})

test('plainJson() gives plain data as a body, and nothing for what is none', () => {
  expect(plainJson({ files: [{ path: 'a', done: false }], at: null, rate: 1.5 })).toEqual([
    {
      name: 'files',
      type: 'attr',
      value: {
        type: 'array',
        value: [
          {
            type: 'object',
            value: [
              { key: 'path', value: { type: 'string', value: 'a' } },
              { key: 'done', value: { type: 'bool', value: false } },
            ],
          },
        ],
      },
    },
    { name: 'at', type: 'attr', value: { type: 'null', value: null } },
    { name: 'rate', type: 'attr', value: { type: 'number', value: 1.5 } },
  ])
  expect(plainJson('text')).toEqual([])
})
