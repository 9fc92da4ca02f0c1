import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { capabilitySentence } from './capability-sentence.ts'
import { describeSchema } from './describe-schema.ts'
import { typeText } from './type-text.ts'

describe('describeSchema()', () => {
  test('tells arguments from blocks, and blocks inside blocks', () => {
    const auth = {
      type: 'object',
      ingot: { kind: 'block' },
      properties: { user: { type: 'string' } },
      required: ['user'],
    }
    const schema = {
      type: 'object',
      properties: {
        every: { type: 'string', ingot: { kind: 'duration' }, default: '1m', description: 'Pause.' },
        name: { type: 'string' },
        endpoint: {
          type: 'array',
          ingot: { kind: 'blocks' },
          description: 'Where to.',
          items: { type: 'object', properties: { url: { type: 'string' }, auth }, required: ['url'] },
        },
      },
      required: ['every', 'name', 'endpoint'],
    }
    expect(describeSchema(schema)).toEqual({
      fields: [
        { name: 'every', type: 'duration', required: false, default: '"1m"', docs: 'Pause.' },
        { name: 'name', type: 'string', required: true, docs: '' },
      ],
      blocks: [
        {
          path: 'endpoint',
          required: true,
          repeatable: true,
          docs: 'Where to.',
          fields: [{ name: 'url', type: 'string', required: true, docs: '' }],
        },
        {
          path: 'endpoint > auth',
          required: false,
          repeatable: false,
          docs: '',
          fields: [{ name: 'user', type: 'string', required: true, docs: '' }],
        },
      ],
    })
  })

  test('shows blocks of several names under their own', () => {
    const option = (name: string) => ({
      properties: { name: { const: name }, value: { type: 'object', properties: {} } },
    })
    const stage = { ingot: { kind: 'enum_blocks' }, items: { anyOf: [option('json'), option('drop')] } }
    expect(describeSchema({ properties: { stage } }).blocks.map(({ path }) => path)).toEqual([
      'stage.json',
      'stage.drop',
    ])
  })

  test('answers any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (properties, ingot) => {
        const schema = { properties: { a: properties, b: { ingot } } } as never
        expect(describeSchema(schema).fields).toBeInstanceOf(Array)
      }),
    )
  })

  test('ends on schemas that nest without end', () => {
    const schema: Record<string, unknown> = { ingot: { kind: 'block' } }
    schema['properties'] = { a: schema, b: schema }
    expect(describeSchema(schema).blocks.length).toBeLessThanOrEqual(500)
  })
})

describe('typeText()', () => {
  test.each([
    [{ ingot: { kind: 'receivers', types: ['loki.logs'] } }, 'list(receiver of loki.logs)'],
    [{ ingot: { kind: 'targets' } }, 'list(map(string))'],
    [{ type: 'array', items: { type: 'integer' } }, 'list(number)'],
    [{ type: 'object', additionalProperties: { type: 'string' } }, 'map(string)'],
    [{ type: 'string', enum: ['a', 'b'] }, 'one of "a", "b"'],
    [{ anyOf: [{ type: 'string' }, { type: 'boolean' }] }, 'string or bool'],
    [{}, 'any'],
  ])('of %j is %s', (schema, text) => {
    expect(typeText(schema)).toBe(text)
  })
})

describe('capabilitySentence()', () => {
  test.each([
    ['http.request', { from: 'endpoint.url' }, 'Sends HTTP requests to what the argument "endpoint.url" names'],
    ['env.read', { values: ['A', 'B'] }, 'Reads environment variables named A, B'],
    ['state', {}, 'Keeps notes of its own on disk'],
    ['teleport', { values: ['mars'] }, 'Uses "teleport" for mars'],
  ])('of %s', (capability, request, sentence) => {
    expect(capabilitySentence(capability, request)).toBe(sentence)
  })
})
