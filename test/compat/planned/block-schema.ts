import type { JsonSchema } from '@ingot/manifest'
import { argumentDefault } from './argument-default.ts'
import type { ArgumentFacts, BlockFacts } from './reference-facts.ts'
import { argumentSchema } from './type-schema.ts'
import { formatMark, rulesOf } from './value-rules.ts'

const separator = ' > '

/** The arguments and inner blocks of a component or of one of its blocks, `path` being the way to it. */
export function bodySchema(
  component: string,
  args: readonly ArgumentFacts[],
  blocks: readonly BlockFacts[],
  path: readonly string[] = [],
): JsonSchema {
  const place = { component, block: path.join(separator) }
  const properties: Record<string, JsonSchema> = {}
  const required: string[] = []
  for (const facts of args) {
    if (facts.not_in_code || facts.is_block_label) continue
    properties[facts.name] = {
      ...argumentSchema(facts),
      ...formatMark(place, facts),
      ...argumentDefault(facts),
      ...marksOf(facts),
    }
    if (facts.required) required.push(facts.name)
  }
  const inner = blocks.filter((block) => !block.not_in_code && isDirectlyIn(block, path))
  const prefixes = enumPrefixes(inner)
  for (const block of inner) {
    const name = nameOf(block)
    const prefix = name.slice(0, name.indexOf('.'))
    if (prefixes.has(prefix)) properties[prefix] ??= enumSchema(component, prefix, inner, blocks)
    else properties[name] = blockSchema(component, block, blocks)
    if (block.required && !prefixes.has(prefix)) required.push(name)
  }
  const rules = rulesOf(place, args)
  return {
    type: 'object',
    properties,
    ...(required.length > 0 && { required }),
    additionalProperties: false,
    ...(rules.length > 0 && { rules }),
  }
}

function blockSchema(component: string, block: BlockFacts, blocks: readonly BlockFacts[]): JsonSchema {
  const body = bodySchema(component, block.arguments, blocks, block.path.split(separator))
  const label = block.label && { label: block.arguments.find((each) => each.is_block_label)?.name ?? 'label' }
  const marks = marksOf(block)
  return block.repeatable
    ? { type: 'array', items: body, ingot: { kind: 'blocks', ...label }, ...marks }
    : { ...body, ingot: { kind: 'block', ...label }, ...marks }
}

/** Blocks of several names whose order matters across names: `stage.json`, `stage.drop`. */
function enumSchema(
  component: string,
  prefix: string,
  inner: readonly BlockFacts[],
  blocks: readonly BlockFacts[],
): JsonSchema {
  const members = inner.filter((block) => nameOf(block).startsWith(`${prefix}.`))
  // Blocks that nest in themselves are written `stage.match > stage.*`: the outer list again.
  if (members.some((block) => block.recursive)) return { $ref: `#/properties/${prefix}` }
  const anyOf = members.map((block) => ({
    type: 'object',
    properties: {
      name: { const: nameOf(block).slice(prefix.length + 1) },
      value: { ...bodySchema(component, block.arguments, blocks, block.path.split(separator)), ...marksOf(block) },
    },
    required: ['name', 'value'],
  }))
  return { type: 'array', items: { anyOf }, ingot: { kind: 'enum_blocks' } }
}

/** `stage`, `metric`, `auth`: all of its blocks may be repeated, in any order. Other dotted names are just names. */
function enumPrefixes(inner: readonly BlockFacts[]): ReadonlySet<string> {
  const groups = Map.groupBy(
    inner.filter((block) => nameOf(block).includes('.')),
    (block) => nameOf(block).slice(0, nameOf(block).indexOf('.')),
  )
  return new Set([...groups].filter(([, members]) => members.every((each) => each.repeatable)).map(([name]) => name))
}

function isDirectlyIn(block: BlockFacts, path: readonly string[]): boolean {
  const steps = block.path.split(separator)
  return steps.length === path.length + 1 && path.every((step, index) => steps[index] === step)
}

function nameOf(block: BlockFacts): string {
  return block.path.split(separator).at(-1)!
}

/** What the checker says beside types: what is deprecated, and what only a less stable collector may use. */
function marksOf(facts: ArgumentFacts | BlockFacts): JsonSchema {
  return {
    ...(facts.deprecated && { deprecated: true }),
    ...(facts.gate !== undefined && { stability: facts.gate }),
    ...('gated_values' in facts && { value_stability: facts.gated_values }),
  }
}
