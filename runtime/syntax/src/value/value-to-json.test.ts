import { expect, test } from 'vitest'
import { Capsule, FunctionValue } from '../value.ts'
import { makeOptionalSecret, makeSecret } from './secret.ts'
import { valueToJson } from './value-to-json.ts'

test('valueToJson() has the shape of the API', () => {
  const value = {
    b: [1n, 2.5, null],
    a: { on: true, text: 'x' },
    f: new FunctionValue('sys.env', () => ''),
    r: new Capsule('receiver', {}),
    s: makeSecret('hunter2'),
    t: makeOptionalSecret('hunter2', true),
    u: makeOptionalSecret('shown', false),
    n: Number.NaN,
  }
  expect(valueToJson(value)).toEqual({
    type: 'object',
    value: [
      {
        key: 'a',
        value: {
          type: 'object',
          value: [
            { key: 'on', value: { type: 'bool', value: true } },
            { key: 'text', value: { type: 'string', value: 'x' } },
          ],
        },
      },
      {
        key: 'b',
        value: {
          type: 'array',
          value: [
            { type: 'number', value: 1 },
            { type: 'number', value: 2.5 },
            { type: 'null', value: null },
          ],
        },
      },
      { key: 'f', value: { type: 'function', value: 'function(sys.env)' } },
      { key: 'n', value: { type: 'number', value: 'NaN' } },
      { key: 'r', value: { type: 'capsule', value: 'capsule(receiver)' } },
      { key: 's', value: { type: 'capsule', value: '(secret)' } },
      { key: 't', value: { type: 'capsule', value: '(secret)' } },
      { key: 'u', value: { type: 'string', value: 'shown' } },
    ],
  })
})
