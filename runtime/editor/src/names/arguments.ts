import { blockKinds, enumBlockSchemas, schemaReader, type SchemaReader, type Shape } from '@ingot/check'
import { type JsonSchema, typeText } from '@ingot/manifest'
import type { BlockStatement, Expression } from '@ingot/syntax'
import { nameOf, type ScopePart } from '../source/scope-part.ts'
import { attributeOf, type PlacedSchema, textOf } from './fields.ts'
import { partsOf, type Place } from './file-set.ts'
import { languageArguments } from './language-arguments.ts'
import type { Meaning, Names } from './resolve.ts'

/** An argument or inner block that a block may have. */
export interface Argument {
  readonly name: string
  readonly kind: 'attribute' | 'block'
  /** Blocks may stand more than once. */
  readonly repeatable: boolean
  readonly required: boolean
  readonly type: string
  readonly docs: string
  /** As it would be written. */
  readonly default?: string
  readonly schema?: PlacedSchema
  /** The `argument` block that declares it. */
  readonly declared?: { readonly part: ScopePart; readonly block: BlockStatement }
}

/** What may stand in the innermost of some blocks, of which the first is a component or a block of the language. */
export function argumentsOf(names: Names, place: Place, blocks: readonly string[]): readonly Argument[] {
  const [name = '', ...inner] = blocks
  const meaning = names.meaning(place, name)
  if (meaning?.kind === 'declare') return inner.length === 0 ? declaredArguments(meaning.place) : []
  const root = schemaOf(names, meaning, name)
  if (!root) return inner.length === 0 ? (languageArguments[name] ?? []) : []
  const reader = schemaReader(root)
  const shape = inner.reduce<Shape | undefined>((at, each) => at && innerShape(reader, at, each), reader.root())
  return shape ? shapeArguments(root, reader, shape) : []
}

function schemaOf(names: Names, meaning: Meaning | undefined, name: string): JsonSchema | undefined {
  return meaning?.kind === 'component' ? meaning.component.arguments : names.host.configSchemas.get(name)
}

/** The properties of a shape, of all of its alternatives where it has some. */
function propertiesOf(reader: SchemaReader, shape: Shape): ReadonlyMap<string, JsonSchema> {
  if (shape.properties.size > 0 || shape.alternatives.length === 0) return shape.properties
  return new Map(shape.alternatives.flatMap((each) => [...reader.shape(each).properties]))
}

function innerShape(reader: SchemaReader, shape: Shape, name: string): Shape | undefined {
  const [key = '', ...rest] = name.split('.')
  const schema = propertiesOf(reader, shape).get(key)
  if (!schema) return undefined
  const kind = reader.shape(schema).mark?.kind
  if (kind === 'block') return reader.shape(schema)
  if (kind === 'blocks') return reader.shape(reader.shape(schema).items ?? {})
  const choice = enumBlockSchemas(reader, schema).get(rest.join('.'))
  return choice && reader.shape(choice)
}

const known = new WeakMap<Shape, readonly Argument[]>()

function shapeArguments(root: JsonSchema, reader: SchemaReader, shape: Shape): readonly Argument[] {
  const found = known.get(shape)
  if (found) return found
  const described = [...propertiesOf(reader, shape)].flatMap(([name, schema]) => {
    return describeProperty(root, reader, shape, name, schema)
  })
  known.set(shape, described)
  return described
}

function describeProperty(
  root: JsonSchema,
  reader: SchemaReader,
  shape: Shape,
  name: string,
  schema: JsonSchema,
): Argument[] {
  const { raw, mark } = reader.shape(schema)
  const group = blockKinds.find((each) => each === mark?.kind)
  const fallback = raw['default']
  const docs = textOf(raw['description'])
  const required = shape.required.has(name) && fallback === undefined
  const base = { docs, required, repeatable: group !== undefined && group !== 'block', schema: { root, schema } }
  if (group === 'enum_blocks') {
    return [...enumBlockSchemas(reader, schema)].map(([each, value]) => ({
      ...base,
      name: `${name}.${each}`,
      kind: 'block',
      required: false,
      type: 'block',
      docs: textOf(reader.shape(value).raw['description']) || docs,
    }))
  }
  if (group) return [{ ...base, name, kind: 'block', type: group === 'block' ? 'block' : 'block, repeatable' }]
  const written = fallback === undefined ? {} : { default: JSON.stringify(fallback) }
  return [{ ...base, name, kind: 'attribute', type: typeText(raw), ...written }]
}

function declaredArguments(place: Place): Argument[] {
  return partsOf(place).flatMap((part) =>
    part.blocks.flatMap((block): Argument[] => {
      if (nameOf(block) !== 'argument' || !block.label) return []
      const written = (name: string): Expression | undefined => attributeOf(block, name)?.value
      const text = (at: Expression) => part.source.text.slice(at.span.start, at.span.end)
      const comment = written('comment')
      const optional = written('optional')
      const fallback = written('default')
      return [
        {
          name: block.label.text,
          kind: 'attribute',
          repeatable: false,
          required: !(optional?.kind === 'literal' && optional.value === true),
          type: 'any',
          docs: comment?.kind === 'literal' ? textOf(comment.value) : '',
          ...(fallback && { default: text(fallback) }),
          declared: { part, block },
        },
      ]
    }),
  )
}
