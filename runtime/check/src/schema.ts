import type { JsonSchema } from '@ingot/manifest'

/** What a manifest's schema says beyond JSON Schema (`KindMark` in @ingot/sdk), read with the same names. */
export interface Mark {
  readonly kind: string
  readonly types?: readonly string[]
  readonly name?: string
  /** What an empty text stands for, where it is none of the kind. */
  readonly empty?: 'absent' | 'name'
  /** Of a block that takes a label: the property of its body that the label becomes. */
  readonly label?: string
}

/** One schema with its references followed and its conjunctions joined. */
export interface Shape {
  readonly mark: Mark | undefined
  /** `undefined`: anything goes. */
  readonly type: string | undefined
  readonly properties: ReadonlyMap<string, JsonSchema>
  readonly required: ReadonlySet<string>
  /** What properties that are not named may be; `undefined`: there are none. */
  readonly additional: JsonSchema | undefined
  readonly items: JsonSchema | undefined
  readonly tuple: readonly JsonSchema[] | undefined
  /** More than one: a value fits one of them. */
  readonly alternatives: readonly JsonSchema[]
  readonly choices: readonly unknown[] | undefined
  readonly raw: JsonSchema
}

/** References to references are followed no further: a schema that refers to itself only would never end. */
const REFERENCES_MAX = 32

const readers = new WeakMap<JsonSchema, SchemaReader>()

/** The reader of a manifest's schema, which remembers what it has read. */
export function schemaReader(schema: JsonSchema): SchemaReader {
  const reader = readers.get(schema) ?? new SchemaReader(schema)
  readers.set(schema, reader)
  return reader
}

/** Reads the schemas of one document: references in it are relative to its root. */
export class SchemaReader {
  readonly #root: JsonSchema
  readonly #shapes = new WeakMap<JsonSchema, Shape>()

  constructor(root: JsonSchema) {
    this.#root = root
  }

  root(): Shape {
    return this.shape(this.#root)
  }

  shape(schema: JsonSchema): Shape {
    const known = this.#shapes.get(schema)
    if (known) return known
    const shape = shapeOf(this.#joined(schema))
    this.#shapes.set(schema, shape)
    return shape
  }

  #joined(schema: JsonSchema, depth = 0): JsonSchema {
    if (depth > REFERENCES_MAX) return {}
    const { $ref, allOf, ...own } = schema
    const parts = [
      ...(typeof $ref === 'string' ? [this.#joined(this.#referred($ref), depth + 1)] : []),
      ...schemas(allOf).map((part) => this.#joined(part, depth + 1)),
    ]
    return parts.length === 0 ? schema : joined([...parts, own])
  }

  #referred(reference: string): JsonSchema {
    let at: unknown = this.#root
    for (const step of reference.replace(/^#\/?/, '').split('/')) {
      if (step === '') continue
      const key = step.replaceAll('~1', '/').replaceAll('~0', '~')
      at = isSchema(at) && Object.hasOwn(at, key) ? at[key] : undefined
    }
    return isSchema(at) ? at : {}
  }
}

function joined(parts: readonly JsonSchema[]): JsonSchema {
  const objects = parts.filter((part) => isSchema(part['properties']))
  const whole: JsonSchema = Object.assign({}, ...parts)
  if (objects.length < 2) return whole
  // Each part of an intersection refuses what only the others know, so that alone says nothing about the whole.
  delete whole['additionalProperties']
  return {
    ...whole,
    properties: Object.assign({}, ...objects.map((part) => part['properties'])) as JsonSchema,
    required: objects.flatMap((part) => (part['required'] as readonly string[] | undefined) ?? []),
  }
}

function shapeOf(schema: JsonSchema): Shape {
  const { type, properties, required, additionalProperties, items, prefixItems, anyOf, oneOf } = schema
  const types = Array.isArray(type) ? (type as string[]) : undefined
  const alternatives = [...schemas(anyOf), ...schemas(oneOf)]
  return {
    mark: isSchema(schema['ingot']) ? (schema['ingot'] as unknown as Mark) : undefined,
    type: typeof type === 'string' ? type : inferredType(schema),
    properties: new Map(isSchema(properties) ? (Object.entries(properties) as [string, JsonSchema][]) : []),
    required: new Set(Array.isArray(required) ? (required as string[]) : []),
    additional: isSchema(additionalProperties) ? additionalProperties : undefined,
    items: isSchema(items) ? items : undefined,
    tuple: Array.isArray(prefixItems) ? schemas(prefixItems) : undefined,
    alternatives: types ? types.map((each) => ({ ...schema, type: each })) : alternatives,
    choices: 'const' in schema ? [schema['const']] : Array.isArray(schema['enum']) ? schema['enum'] : undefined,
    raw: schema,
  }
}

function inferredType(schema: JsonSchema): string | undefined {
  if (isSchema(schema['properties'])) return 'object'
  const value = 'const' in schema ? schema['const'] : (schema['enum'] as unknown[] | undefined)?.[0]
  return value === undefined ? undefined : value === null ? 'null' : typeof value
}

function schemas(value: unknown): JsonSchema[] {
  return Array.isArray(value) ? value.filter(isSchema) : []
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
