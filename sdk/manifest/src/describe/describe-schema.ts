import type { JsonSchema } from '../module-manifest.ts'
import { typeText } from './type-text.ts'

/** An argument or export as a reference page shows it. */
export interface FieldDescription {
  readonly name: string
  /** `duration`, `list(string)`, `receiver of loki.logs`. */
  readonly type: string
  readonly required: boolean
  /** As it would be written in a configuration. */
  readonly default?: string
  readonly docs: string
}

/** A block that an argument list may hold, under its full path: `endpoint`, `endpoint > basic_auth`, `stage.json`. */
export interface BlockDescription {
  readonly path: string
  readonly required: boolean
  readonly repeatable: boolean
  readonly docs: string
  readonly fields: readonly FieldDescription[]
}

export interface SchemaDescription {
  readonly fields: readonly FieldDescription[]
  /** Every block at any depth, outer ones before inner ones. */
  readonly blocks: readonly BlockDescription[]
}

/** Deeper blocks, and more of them, are left out: schemas of registries are written by strangers. */
const depthMax = 12
const blocksMax = 500

/** Reads a component's JSON Schema of arguments or exports. What it does not understand it shows as `any`. */
export function describeSchema(schema: JsonSchema): SchemaDescription {
  const blocks: BlockDescription[] = []
  const fields = describeObject(schema, '', 0, blocks)
  return { fields, blocks }
}

function describeObject(
  schema: JsonSchema,
  prefix: string,
  depth: number,
  blocks: BlockDescription[],
): FieldDescription[] {
  const required = new Set(asArray(schema['required']))
  const fields: FieldDescription[] = []
  for (const [name, value] of Object.entries(asObject(schema['properties']))) {
    const property = asObject(value)
    const kind = kindOf(property)
    if (kind === 'block' || kind === 'blocks' || kind === 'enum_blocks') {
      addBlocks({ name, property, kind, required: required.has(name), prefix, depth }, blocks)
    } else fields.push(describeField(name, property, required.has(name)))
  }
  return fields
}

function describeField(name: string, property: JsonSchema, required: boolean): FieldDescription {
  const fallback = property['default']
  return {
    name,
    type: typeText(property),
    required: required && fallback === undefined,
    ...(fallback === undefined ? {} : { default: JSON.stringify(fallback) }),
    docs: text(property['description']),
  }
}

interface FoundBlock {
  readonly name: string
  readonly property: JsonSchema
  readonly kind: 'block' | 'blocks' | 'enum_blocks'
  readonly required: boolean
  readonly prefix: string
  readonly depth: number
}

function addBlocks(found: FoundBlock, blocks: BlockDescription[]): void {
  const { name, property, kind, required, prefix, depth } = found
  if (depth >= depthMax) return
  const repeatable = kind !== 'block'
  const docs = text(property['description'])
  if (kind === 'enum_blocks') {
    for (const option of asArray(asObject(property['items'])['anyOf'])) {
      const { name: constant, value } = asObject(asObject(option)['properties'])
      const body = asObject(value)
      const path = `${prefix}${name}.${text(asObject(constant)['const'])}`
      addBlock({ path, required: false, repeatable, docs: text(body['description']) || docs, body, depth }, blocks)
    }
    return
  }
  const body = kind === 'blocks' ? asObject(property['items']) : property
  addBlock(
    { path: `${prefix}${name}`, required, repeatable, docs: docs || text(body['description']), body, depth },
    blocks,
  )
}

function addBlock(
  block: Omit<BlockDescription, 'fields'> & { readonly body: JsonSchema; readonly depth: number },
  blocks: BlockDescription[],
): void {
  if (blocks.length >= blocksMax) return
  const { body, depth, ...described } = block
  // Its place is taken before those of the blocks inside it.
  const index = blocks.push({ ...described, fields: [] }) - 1
  blocks[index] = { ...described, fields: describeObject(body, `${block.path} > `, depth + 1, blocks) }
}

function kindOf(schema: JsonSchema): string {
  return text(asObject(schema['ingot'])['kind'])
}

function asObject(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : {}
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
