import { schemaReader } from '@ingot/check'
import { type JsonSchema, typeText } from '@ingot/manifest'
import { type AttributeStatement, type BlockStatement, chainOf } from '@ingot/syntax'
import type { EditorComponent } from '../host.ts'
import { nameOf } from '../source/scope-part.ts'
import { partsOf, type Place } from './file-set.ts'
import type { Names } from './resolve.ts'

/** A value that a block offers: an export of a component, `value` of an argument. */
export interface Field {
  readonly name: string
  readonly docs: string
  /** `any` where it cannot be known. */
  readonly type: string
  /** The schema with the document that it is part of; absent where nothing is known. */
  readonly schema?: PlacedSchema
  /** The `export` block that gives it. */
  readonly block?: BlockStatement
  readonly place?: Place
}

export interface PlacedSchema {
  readonly root: JsonSchema
  readonly schema: JsonSchema
}

/** Exports of exports of custom components: more levels than anyone writes. */
const CHAIN_MAX = 16

const known = new WeakMap<EditorComponent, readonly Field[]>()

/** What expressions can read of a block. */
export function fieldsOf(names: Names, place: Place, block: BlockStatement, depth = 0): readonly Field[] {
  const name = nameOf(block)
  const meaning = names.meaning(place, name)
  if (meaning?.kind === 'component') return exportsOf(meaning.component)
  if (meaning?.kind === 'declare') return declaredExports(names, meaning.place, depth)
  return name === 'argument' ? [{ name: 'value', docs: 'What the instance gives.', type: 'any' }] : []
}

export function exportsOf(component: EditorComponent): readonly Field[] {
  const found = known.get(component)
  if (found) return found
  const root = component.exports
  const fields = [...schemaReader(root).root().properties].map(([name, schema]): Field => {
    return { name, docs: textOf(schema['description']), type: typeText(schema), schema: { root, schema } }
  })
  known.set(component, fields)
  return fields
}

function declaredExports(names: Names, place: Place, depth: number): Field[] {
  const found: Field[] = []
  for (const part of partsOf(place)) {
    for (const block of part.blocks) {
      if (nameOf(block) !== 'export' || !block.label) continue
      const field =
        depth < CHAIN_MAX ? valueField(names, { ...place, part }, attributeOf(block, 'value'), depth) : undefined
      const docs = field?.docs ?? ''
      const known = { type: field?.type ?? 'any', ...(field?.schema && { schema: field.schema }) }
      found.push({ name: block.label.text, docs, ...known, block, place: { ...place, part } })
    }
  }
  return found
}

/** The field that an expression is, when it is nothing but a reference to one. */
function valueField(
  names: Names,
  place: Place,
  attribute: AttributeStatement | undefined,
  depth: number,
): Field | undefined {
  const chain = attribute && chainOf(attribute.value)
  const target = chain && names.target(place, chain.names)
  if (!target || target.used !== chain.names.length - 1) return undefined
  const fields = fieldsOf(names, target.place, target.block, depth + 1)
  return fields.find(({ name }) => name === chain.names.at(-1))
}

export function attributeOf(block: BlockStatement, name: string): AttributeStatement | undefined {
  const found = block.body.statements.find((each) => each.kind === 'attribute' && each.name.text === name)
  return found?.kind === 'attribute' ? found : undefined
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
