import type { JsonSchema } from '@ingot/manifest'
import type { SchemaReader, Shape } from '../schema.ts'
import { type BlockGroup, blockKinds, enumBlockSchemas } from './block-kinds.ts'

/** An inner block that a body may have. */
export interface FoundBlock {
  /** The property that stands for it: `endpoint`, `stage`. */
  readonly key: string
  readonly kind: BlockGroup
  /** Of the property: for repeated blocks, of their list. */
  readonly schema: JsonSchema
  /** Of one block's inside. */
  readonly body: JsonSchema
  /** `json` of `stage.json`. */
  readonly choice: string | undefined
  /** The property of its body that its label becomes; `undefined`: it takes no label. */
  readonly label: string | undefined
}

/** What a body knows under the name of an inner block: a block, an argument, or nothing. */
export function findBlock(
  reader: SchemaReader,
  { properties }: Shape,
  name: string,
): FoundBlock | 'argument' | undefined {
  // A block may simply have a dotted name; else the first part says of which list it is one.
  const dot = properties.has(name) ? -1 : name.indexOf('.')
  const key = dot < 0 ? name : name.slice(0, dot)
  const schema = properties.get(key)
  if (!schema) return undefined
  const shape = reader.shape(schema)
  const kind = blockKind(reader, schema)
  if ((kind === 'enum_blocks') !== dot >= 0) return undefined
  if (!kind) return 'argument'
  const found = { key, kind, schema, choice: undefined, label: shape.mark?.label }
  if (kind === 'block') return { ...found, body: schema }
  if (kind === 'blocks') return { ...found, body: shape.items ?? {} }
  const choice = name.slice(dot + 1)
  const body = enumBlockSchemas(reader, schema).get(choice)
  return body && { ...found, body, choice }
}

/** How a property is written, if as a block. */
export function blockKind(reader: SchemaReader, schema: JsonSchema): BlockGroup | undefined {
  const kind = reader.shape(schema).mark?.kind
  return blockKinds.find((each) => each === kind)
}
