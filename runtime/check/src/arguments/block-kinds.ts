import type { JsonSchema } from '@ingot/manifest'
import type { SchemaReader } from '../schema.ts'

/** The marks of arguments that are written as blocks. */
export const blockKinds = ['block', 'blocks', 'enum_blocks'] as const
export type BlockGroup = (typeof blockKinds)[number]

const known = new WeakMap<JsonSchema, ReadonlyMap<string, JsonSchema>>()

/** Of blocks that share a first name (`stage.json`, `stage.drop`): second name → schema of the block. */
export function enumBlockSchemas(reader: SchemaReader, schema: JsonSchema): ReadonlyMap<string, JsonSchema> {
  const found = known.get(schema) ?? readEnumBlocks(reader, schema)
  known.set(schema, found)
  return found
}

function readEnumBlocks(reader: SchemaReader, schema: JsonSchema): ReadonlyMap<string, JsonSchema> {
  const { items } = reader.shape(schema)
  if (!items) return new Map()
  const { alternatives } = reader.shape(items)
  const found = new Map<string, JsonSchema>()
  for (const alternative of alternatives.length > 0 ? alternatives : [items]) {
    const { properties } = reader.shape(alternative)
    const name = properties.get('name')
    const value = properties.get('value')
    const [constant] = (name && reader.shape(name).choices) ?? []
    if (typeof constant === 'string' && value) found.set(constant, value)
  }
  return found
}
