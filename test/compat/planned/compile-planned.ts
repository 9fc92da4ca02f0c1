import type { JsonSchema } from '@ingot/manifest'
import { bodySchema } from './block-schema.ts'
import type { ComponentFacts } from './reference-facts.ts'
import { exportSchema } from './type-schema.ts'

/** Where the compiled manifests lie. The runtime reads them; nobody edits them. */
export const plannedPath = 'runtime/check/src/planned/components.generated.json'

/** The blocks of the language itself, whose rules the graph knows. */
const languageBlocks: ReadonlySet<string> = new Set(['declare', 'argument', 'export', 'foreach'])

/** Schemas that are shorter than this as text are written out where they are used. */
const sharedTextMin = 200

/** Alloy's components and configuration blocks as manifests, in one document; what occurs more than once is shared. */
export function compilePlanned(facts: readonly ComponentFacts[]): string {
  const components: Record<string, JsonSchema> = {}
  const blocks: Record<string, JsonSchema> = {}
  for (const entry of facts) {
    const body = bodySchema(entry.name, entry.arguments, entry.blocks)
    if (entry.kind !== 'config-block')
      components[entry.name] = { ...levelOf(entry), arguments: body, ...exportsOf(entry) }
    else if (!languageBlocks.has(entry.name)) blocks[entry.name] = { ...levelOf(entry), arguments: body }
  }
  const sharing = new Sharing([components, blocks])
  const document = {
    components: mapValues(components, (each) => sharing.shared(each)),
    blocks: mapValues(blocks, (each) => sharing.shared(each)),
    shared: sharing.definitions,
  }
  return printLines(document)
}

function levelOf({ stability }: ComponentFacts): JsonSchema {
  if (stability === 'community') return { stability: 'generally-available', community: true }
  return { stability: stability === 'GA' ? 'generally-available' : stability }
}

function exportsOf({ exports }: ComponentFacts): JsonSchema {
  const properties = Object.fromEntries(exports.map(({ name, type }) => [name, exportSchema(type)]))
  return { exports: { type: 'object', properties } }
}

/** Replaces schemas that occur more than once by references to one copy. */
class Sharing {
  readonly definitions: Record<string, unknown> = {}
  readonly #counts = new Map<string, number>()
  readonly #names = new Map<string, string>()

  constructor(document: unknown) {
    this.#count(document)
  }

  shared(value: unknown): unknown {
    if (!isObject(value)) return Array.isArray(value) ? value.map((each) => this.shared(each)) : value
    const text = JSON.stringify(value)
    if (!isSchema(value) || text.length < sharedTextMin || this.#counts.get(text)! < 2) return this.#inner(value)
    let name = this.#names.get(text)
    if (name === undefined) {
      name = `s${this.#names.size + 1}`
      this.#names.set(text, name)
      this.definitions[name] = this.#inner(value)
    }
    return { $ref: `#/$defs/${name}` }
  }

  #inner(value: Readonly<Record<string, unknown>>): unknown {
    return mapValues(value, (each) => this.shared(each))
  }

  #count(value: unknown): void {
    if (Array.isArray(value)) for (const each of value) this.#count(each)
    if (!isObject(value)) return
    if (isSchema(value)) {
      const text = JSON.stringify(value)
      this.#counts.set(text, (this.#counts.get(text) ?? 0) + 1)
    }
    for (const each of Object.values(value)) this.#count(each)
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Of the objects in the document, those that are schemas: a map of properties is none. */
function isSchema(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['type'] === 'string' && typeof value['stability'] !== 'string'
}

function mapValues<T>(object: Readonly<Record<string, T>>, change: (value: T) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))
}

/** One entry a line, so that a change of the facts reads as one. */
function printLines(document: Readonly<Record<string, Readonly<Record<string, unknown>>>>): string {
  const sections = Object.entries(document).map(([name, entries]) => {
    const lines = Object.entries(entries).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    return `${JSON.stringify(name)}: {\n${lines.join(',\n')}\n}`
  })
  return `{\n${sections.join(',\n')}\n}\n`
}
