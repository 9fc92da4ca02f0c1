import type { EvaluatedAttribute, EvaluatedBlock } from '@ingot/graph'
import type { JsonSchema } from '@ingot/manifest'
import { nearest, type Span } from '@ingot/syntax'
import type { ArgumentPath } from '../frame.ts'
import type { Shape } from '../schema.ts'
import { bestAttempt } from './best-attempt.ts'
import { type BlockGroup, enumBlockSchemas } from './block-kinds.ts'
import { decodeValue } from './decode-value.ts'
import type { Decoding, ValuePlace } from './decoding.ts'
import { availability } from './check-available.ts'
import { checkRules, type Given } from './check-rules.ts'
import { blockKind, findBlock, type FoundBlock } from './find-block.ts'
import { adviseOn, checkLevel } from './level-and-advice.ts'
import { notYet, type PlannedBody } from './planned-body.ts'

export interface BodyPlace {
  /** For messages: `loki.write`, `endpoint of loki.write`. */
  readonly owner: string
  readonly path: ArgumentPath
  /** The body as Alloy has it, where Ingot's has less. */
  readonly planned?: PlannedBody | undefined
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
  readonly #given = new Map<string, Given>()
  #misspelt = false

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
    checkRules(this.#decoding, {
      shape: this.#shape,
      owner: this.#place.owner,
      head: this.#block.head,
      given: this.#given,
      values: this.#values,
      misspelt: this.#misspelt,
    })
    return Object.fromEntries(this.#values)
  }

  #attribute(attribute: EvaluatedAttribute): void {
    const { name, nameSpan, value, expression, provisional } = attribute
    const { owner, path } = this.#place
    const at = { owner, name, path: [...path, name], expression, provisional }
    const schema = this.#shape.properties.get(name) ?? this.#shape.additional
    if (!schema) {
      if (!this.#plannedAttribute(attribute, at)) this.#unknownArgument(name, nameSpan)
      return
    }
    const kind = blockKind(this.#decoding.reader, schema)
    if (kind) {
      this.#given.set(name, { span: nameSpan, known: false })
      const message = `Cannot set "${name}" on ${owner}: it is a block`
      const written = kind === 'enum_blocks' ? `${name}.…` : name
      return this.#decoding.report('block-given-as-argument', nameSpan, message, { name: written })
    }
    if (this.#given.has(name)) {
      return this.#decoding.report('duplicate-argument', nameSpan, `Cannot set "${name}" on ${owner} twice`)
    }
    const given = { span: nameSpan, at }
    this.#given.set(name, { ...given, known: false })
    checkLevel(this.#decoding, schema, nameSpan, `set "${name}" on ${owner}`)
    // Null is as good as leaving the argument out; where that cannot be, it is the empty value of the type.
    if (value === null && !this.#shape.required.has(name)) {
      this.#given.set(name, { ...given, known: true })
      return
    }
    const decoded = value === undefined ? undefined : decodeValue(this.#decoding, schema, value, at)
    if (decoded === undefined) return
    this.#values.set(name, decoded)
    this.#given.set(name, { ...given, known: !provisional })
    adviseOn(this.#decoding, schema, attribute, decoded, at)
  }

  #unknownArgument(name: string, span: Span): void {
    this.#misspelt = true
    const message = `Cannot set "${name}" on ${this.#place.owner}: no such argument`
    this.#decoding.report('unknown-argument', span, message, { nearest: this.#nearestArgument(name) })
  }

  /** @returns whether Alloy has the argument, which is reported then with what is wrong with its value */
  #plannedAttribute({ name, nameSpan, value }: EvaluatedAttribute, at: ValuePlace): boolean {
    const { owner, planned } = this.#place
    const schema = planned?.argument(name)
    if (!planned || !schema) return false
    this.#decoding.report('not-yet-available', nameSpan, `Cannot set "${name}" on ${owner}: ${notYet}`)
    const attempt = this.#decoding.attempt(planned.reader)
    if (value !== undefined && value !== null) decodeValue(attempt, schema, value, at)
    this.#decoding.diagnostics.push(...attempt.diagnostics)
    return true
  }

  #inner(block: EvaluatedBlock): void {
    const { name, head } = block
    const { owner } = this.#place
    const found = findBlock(this.#decoding.reader, this.#shape, name)
    if (found === undefined) {
      if (!this.#plannedBlock(block)) this.#unknownBlock(block)
      return
    }
    if (found === 'argument') {
      this.#given.set(name, { span: head, known: false })
      const message = `Cannot use block "${name}" in ${owner}: it is an argument`
      return this.#decoding.report('argument-given-as-block', head, message, { name })
    }
    this.#label(block, found)
    checkLevel(this.#decoding, found.schema, head, `use block "${name}" in ${owner}`)
    if (availability(this.#decoding.reader.shape(found.body).raw)) {
      this.#decoding.report('not-yet-available', head, `Cannot use block "${name}" in ${owner}: ${notYet}`)
    }
    if (found.kind === 'block') return this.#single(found, block)
    this.#repeated(found, block)
  }

  #label({ name, label, head }: EvaluatedBlock, found: FoundBlock): void {
    const { owner } = this.#place
    if (label && found.label === undefined) {
      const message = `Cannot label ${name} in ${owner}: it takes no label`
      this.#decoding.report('unexpected-label', label.span, message)
    } else if (!label && found.label !== undefined) {
      const message = `Cannot use block "${name}" in ${owner}: it has no label, want one`
      this.#decoding.report('missing-label', head, message, { name })
    }
  }

  /** @returns whether Alloy has the block, which is reported then with what is wrong inside of it */
  #plannedBlock(block: EvaluatedBlock): boolean {
    const { owner, planned } = this.#place
    const inner = planned?.inner(block.name)
    if (!inner) return false
    const message = `Cannot use block "${block.name}" in ${owner}: ${notYet}`
    this.#decoding.report('not-yet-available', block.head, message)
    const attempt = this.#decoding.attempt(inner.reader)
    decodeBody(attempt, inner.shape, block, { owner: `${block.name} of ${owner}`, path: [] })
    this.#decoding.diagnostics.push(...attempt.diagnostics)
    return true
  }

  #single(found: FoundBlock, block: EvaluatedBlock): void {
    const { key } = found
    if (this.#given.has(key)) {
      const message = `Cannot use block "${key}" in ${this.#place.owner} twice`
      return this.#decoding.report('duplicate-block', block.head, message, { advice: 'keep one of the two' })
    }
    this.#given.set(key, { span: block.head, known: true })
    this.#values.set(key, this.#body(found, block, [...this.#place.path, key]))
  }

  /** Of blocks of several names under one key, the component gets the name beside the value. */
  #repeated(found: FoundBlock, block: EvaluatedBlock): void {
    const { key, choice } = found
    this.#given.set(key, { span: block.head, known: true })
    const items = (this.#values.get(key) ?? []) as unknown[]
    this.#values.set(key, items)
    const path = [...this.#place.path, key, items.length]
    if (choice === undefined) items.push(this.#body(found, block, path))
    else items.push({ name: choice, value: this.#body(found, block, [...path, 'value']) })
  }

  #body(found: FoundBlock, block: EvaluatedBlock, path: ArgumentPath): unknown {
    const owner = `${block.name} of ${this.#place.owner}`
    const planned = this.#place.planned?.inner(block.name)
    const shape = this.#decoding.reader.shape(found.body)
    const body = decodeBody(this.#decoding, shape, block, { owner, path, planned })
    return found.label !== undefined && block.label ? { [found.label]: block.label.text, ...body } : body
  }

  #unknownBlock(block: EvaluatedBlock): void {
    this.#misspelt = true
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
    for (const [name, given] of this.#values) {
      const schema = this.#shape.properties.get(name)
      if (!schema || !Array.isArray(given)) continue
      const kind = this.#kind(schema)
      if (kind !== 'blocks' && kind !== 'enum_blocks') continue
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
    return blockKind(this.#decoding.reader, schema)
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
