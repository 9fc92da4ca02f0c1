import { readFileSync } from 'node:fs'
import { plannedComponentsFile, readPlannedComponents } from '@ingot/check'
import { expect, test } from 'vitest'
import { loadDistribution } from '../docs/reference-pages.ts'

/** What the checker does with a keyword, or why it need not do anything. */
const known: ReadonlySet<string> = new Set(
  [
    'type properties required additionalProperties propertyNames items prefixItems',
    'anyOf oneOf allOf not const enum $ref $defs',
    'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf',
    'minLength maxLength pattern minItems maxItems',
    // Ingot's own
    'ingot rules not_yet stability value_stability deprecated',
    // For readers
    'default description $schema',
  ].flatMap((line) => line.split(' ')),
)
/** Keywords whose value is a schema, a list of them, or a map of them. */
const single = ['additionalProperties', 'propertyNames', 'items', 'not']
const lists = ['prefixItems', 'anyOf', 'oneOf', 'allOf']
const maps = ['properties', '$defs']

function unknownKeywords(schema: unknown, path: string): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const fields = schema as Readonly<Record<string, unknown>>
  const own = Object.keys(fields).filter((key) => !known.has(key))
  const inner = [
    ...single.map((key) => [key, fields[key]] as const),
    ...lists.flatMap((key) => Object.entries(fields[key] ?? {})),
    ...maps.flatMap((key) => Object.entries(fields[key] ?? {})),
  ]
  return [
    ...own.map((key) => `${path}: ${key}`),
    ...inner.flatMap(([key, each]) => unknownKeywords(each, `${path} > ${key}`)),
  ]
}

test('every keyword of a manifest of ours is one that the checker knows', async () => {
  const distribution = await loadDistribution()
  const found = distribution.components().flatMap(({ name, component }) => unknownKeywords(component.arguments, name))
  expect(found).toEqual([])
})

test('every keyword of a manifest that is compiled from the facts is one that the checker knows', () => {
  const planned = readPlannedComponents(readFileSync(plannedComponentsFile, 'utf8'))
  const found = [...planned.names].flatMap((name) => unknownKeywords(planned.manifest(name)!.arguments, name))
  expect(found).toEqual([])
})

test('unknownKeywords() finds one anywhere', () => {
  const schema = { type: 'array', items: { anyOf: [{ type: 'string', format: 'uuid' }] } }
  expect(unknownKeywords(schema, 'x')).toEqual(['x > items > 0: format'])
})
