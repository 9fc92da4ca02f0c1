import type { EvaluatedAttribute, EvaluatedBlock } from '@ingot/graph'
import type { JsonSchema } from '@ingot/manifest'
import { type BlockGroup, blockKinds, enumBlockSchemas } from './block-kinds.ts'
import { nearest } from '@ingot/syntax'
import type { ArgumentPath } from '../frame.ts'
import type { Shape } from '../schema.ts'
import type { Decoding } from './decoding.ts'
import { decodeValue } from './decode-value.ts'
import { bestAttempt } from './best-attempt.ts'

export interface BodyPlace {
  /** For messages: `loki.write`, `endpoint of loki.write`. */
  readonly owner: string
  readonly path: ArgumentPath
}

/** The attributes and inner blocks of a block, as one object. */
export function decodeBody(
  decoding: Decoding,
  shape: Shape,
  block: EvaluatedBlock,
  place: BodyPlace,
): Record<string, unknown> {
  if (shape.properties.size === 0 && shape.alternatives.length > 0) {
    const { alternatives } = shape
    return bestAttempt(decoding, alternatives, (inner, schema) =>
      decodeBody(inner, decoding.reader.shape(schema), block, place),
    )
  }
  return new BodyDecoder(decoding, shape, block, place).decode()
}

class BodyDecoder {
  readonly #decoding: Decoding
  readonly #shape: Shape
  readonly #block: EvaluatedBlock
  readonly #place: BodyPlace
  readonly #values = new Map<string, unknown>()
  readonly #given = new Set<string>()

  constructor(decoding: Decoding, shape: Shape, block: EvaluatedBlock, place: BodyPlace) {
    this.#decoding = decoding
    this.#shape = shape
    this.#block = block
    this.#place = place
  }

  decode(): Record<string, unknown> {
    for (const attribute of this.#block.attributes) this.#attribute(attribute)
    for (const block of this.#block.blocks) this.#inner(block)
    for (const name of this.#shape.required) if (!this.#given.has(name)) this.#missing(name)
    this.#countBlocks()
    return Object.fromEntries(this.#values)
  }

  #attribute(attribute: EvaluatedAttribute): void {
    const { name, nameSpan, value, expression, provisional } = attribute
    const { owner, path } = this.#place
    const schema = this.#shape.properties.get(name) ?? this.#shape.additional
    if (!schema) {
      const message = `Cannot set "${name}" on ${owner}: no such argument`
      return this.#decoding.report('unknown-argument', nameSpan, message, { nearest: this.#nearestArgument(name) })
    }
    if (this.#kind(schema)) {
      this.#given.add(name)
      const message = `Cannot set "${name}" on ${owner}: it is a block`
      const written = this.#kind(schema) === 'enum_blocks' ? `${name}.…` : name
      return this.#decoding.report('block-given-as-argument', nameSpan, message, { name: written })
    }
    if (this.#given.has(name)) {
      return this.#decoding.report('duplicate-argument', nameSpan, `Cannot set "${name}" on ${owner} twice`)
    }
    this.#given.add(name)
    // Null is as good as leaving the argument out; where that cannot be, it is the empty value of the type.
    if (value === undefined || (value === null && !this.#shape.required.has(name))) return
    const at = { owner, name, path: [...path, name], expression, provisional }
    const decoded = decodeValue(this.#decoding, schema, value, at)
    if (decoded !== undefined) this.#values.set(name, decoded)
  }

  #inner(block: EvaluatedBlock): void {
    const [key = '', ...rest] = block.name.split('.')
    const schema = this.#shape.properties.get(key)
    const kind = schema && this.#kind(schema)
    if (block.label) {
      const message = `Cannot label ${block.name} in ${this.#place.owner}: it takes no label`
      this.#decoding.report('unexpected-label', block.label.span, message)
    }
    if (!schema || (kind === 'enum_blocks') !== rest.length > 0) return this.#unknownBlock(block)
    if (!kind) {
      this.#given.add(key)
      const message = `Cannot use block "${block.name}" in ${this.#place.owner}: it is an argument`
      return this.#decoding.report('argument-given-as-block', block.head, message, { name: block.name })
    }
    if (kind === 'block') return this.#single(key, schema, block)
    if (kind === 'blocks') return this.#repeated(key, this.#decoding.reader.shape(schema).items ?? {}, block)
    const choice = enumBlockSchemas(this.#decoding.reader, schema).get(rest.join('.'))
    if (!choice) return this.#unknownBlock(block)
    this.#repeated(key, choice, block, rest.join('.'))
  }

  #single(key: string, schema: JsonSchema, block: EvaluatedBlock): void {
    if (this.#given.has(key)) {
      const message = `Cannot use block "${key}" in ${this.#place.owner} twice`
      return this.#decoding.report('duplicate-block', block.head, message, { advice: 'keep one of the two' })
    }
    this.#given.add(key)
    this.#values.set(key, this.#body(schema, block, [...this.#place.path, key]))
  }

  /** @param name for blocks of several names under one key: the component gets it beside the value */
  #repeated(key: string, schema: JsonSchema, block: EvaluatedBlock, name?: string): void {
    this.#given.add(key)
    const items = (this.#values.get(key) ?? []) as unknown[]
    this.#values.set(key, items)
    const path = [...this.#place.path, key, items.length]
    if (name === undefined) items.push(this.#body(schema, block, path))
    else items.push({ name, value: this.#body(schema, block, [...path, 'value']) })
  }

  #body(schema: JsonSchema, block: EvaluatedBlock, path: ArgumentPath): unknown {
    const owner = `${block.name} of ${this.#place.owner}`
    return decodeBody(this.#decoding, this.#decoding.reader.shape(schema), block, { owner, path })
  }

  #unknownBlock(block: EvaluatedBlock): void {
    const { owner } = this.#place
    const message = `Cannot use block "${block.name}" in ${owner}: no such block`
    this.#decoding.report('unknown-block', block.head, message, { nearest: nearest(block.name, this.#blockNames()) })
  }

  #missing(name: string): void {
    const { head } = this.#block
    const { owner } = this.#place
    const kind = this.#kind(this.#shape.properties.get(name) ?? {})
    if (!kind) {
      const message = `Cannot configure ${owner}: argument "${name}" is missing`
      return this.#decoding.report('missing-argument', head, message, { example: `${name} = …` })
    }
    const written = kind === 'enum_blocks' ? `${name}.…` : name
    const message = `Cannot configure ${owner}: block "${written}" is missing`
    this.#decoding.report('missing-block', head, message, { example: `${written} { … }` })
  }

  #countBlocks(): void {
    for (const [name, schema] of this.#shape.properties) {
      const kind = this.#kind(schema)
      const given = this.#values.get(name)
      if ((kind !== 'blocks' && kind !== 'enum_blocks') || !Array.isArray(given)) continue
      const { minItems, maxItems } = this.#decoding.reader.shape(schema).raw as {
        readonly minItems?: number
        readonly maxItems?: number
      }
      const { head } = this.#block
      const found = `found ${given.length}`
      if (minItems !== undefined && given.length < minItems) {
        const message = `Cannot configure ${this.#place.owner}: ${found} of block "${name}", want at least ${minItems}`
        this.#decoding.report('missing-block', head, message, { example: `${name} { … }` })
      }
      if (maxItems !== undefined && given.length > maxItems) {
        const message = `Cannot configure ${this.#place.owner}: ${found} of block "${name}", want at most ${maxItems}`
        this.#decoding.report('duplicate-block', head, message, { advice: 'remove some of them' })
      }
    }
  }

  #kind(schema: JsonSchema): BlockGroup | undefined {
    const kind = this.#decoding.reader.shape(schema).mark?.kind
    return blockKinds.find((each) => each === kind)
  }

  #nearestArgument(name: string): string | undefined {
    const names = [...this.#shape.properties].filter(([, schema]) => !this.#kind(schema)).map(([each]) => each)
    return nearest(name, names)
  }

  *#blockNames(): Generator<string> {
    for (const [name, schema] of this.#shape.properties) {
      const kind = this.#kind(schema)
      if (kind !== 'enum_blocks') {
        if (kind) yield name
        continue
      }
      for (const choice of enumBlockSchemas(this.#decoding.reader, schema).keys()) yield `${name}.${choice}`
    }
  }
}
