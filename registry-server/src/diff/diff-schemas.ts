import { describeSchema, type ComponentManifest, type JsonSchema, type ModuleManifest } from '@ingot/manifest'

/** One difference of what a configuration may write or read. */
export interface SchemaChange {
  /** `lookup: argument database`, `lookup: block endpoint > auth`, … */
  readonly what: string
  readonly change: string
  /** Whether a configuration that was right may be wrong now. */
  readonly breaking: boolean
}

type Manifest = Pick<ModuleManifest, 'components'>

interface Part {
  readonly type: string
  readonly required: boolean
  readonly default?: string
}

/** Differences of all components' arguments, blocks and exports. */
export function diffSchemas(from: Manifest, to: Manifest): SchemaChange[] {
  const [before, after] = [byName(from), byName(to)]
  const gone = [...before.keys()].filter((name) => !after.has(name))
  const come = [...after.keys()].filter((name) => !before.has(name))
  const kept = [...after.keys()].filter((name) => before.has(name))
  return [
    ...gone.map((name) => ({ what: `component ${name}`, change: 'is gone', breaking: true })),
    ...come.map((name) => ({ what: `component ${name}`, change: 'is new', breaking: false })),
    ...kept.flatMap((name) => diffComponent(name, before.get(name)!, after.get(name)!)),
  ]
}

function diffComponent(name: string, from: ComponentManifest, to: ComponentManifest): SchemaChange[] {
  const inputs = diffParts(partsOf(from.arguments, 'argument'), partsOf(to.arguments, 'argument'), true)
  const outputs = diffParts(partsOf(from.exports, 'export'), partsOf(to.exports, 'export'), false)
  const stability =
    from.stability === to.stability
      ? []
      : [
          {
            what: 'stability',
            change: `${from.stability} → ${to.stability}`,
            breaking: to.stability === 'experimental',
          },
        ]
  return [...inputs, ...outputs, ...stability].map((change) => ({ ...change, what: `${name}: ${change.what}` }))
}

function diffParts(from: ReadonlyMap<string, Part>, to: ReadonlyMap<string, Part>, inputs: boolean): SchemaChange[] {
  const changes: SchemaChange[] = []
  for (const what of from.keys()) if (!to.has(what)) changes.push({ what, change: 'is gone', breaking: true })
  for (const [what, part] of to) {
    const before = from.get(what)
    if (!before) {
      const needed = inputs && part.required
      changes.push({ what, change: needed ? 'is new and required' : 'is new', breaking: needed })
      continue
    }
    if (before.type !== part.type) changes.push({ what, change: `${before.type} → ${part.type}`, breaking: true })
    if (before.required !== part.required) {
      changes.push({ what, change: part.required ? 'is required' : 'is optional', breaking: part.required && inputs })
    } else if (before.default !== part.default) {
      changes.push({ what, change: `default ${before.default ?? 'none'} → ${part.default ?? 'none'}`, breaking: false })
    }
  }
  return changes
}

function partsOf(schema: JsonSchema, word: string): Map<string, Part> {
  const { fields, blocks } = describeSchema(schema)
  const parts = new Map<string, Part>(fields.map((field) => [`${word} ${field.name}`, field]))
  for (const block of blocks) {
    const type = block.repeatable ? 'blocks' : 'block'
    parts.set(`block ${block.path}`, { type, required: block.required })
    for (const field of block.fields) parts.set(`argument ${block.path} > ${field.name}`, field)
  }
  return parts
}

function byName({ components }: Manifest): Map<string, ComponentManifest> {
  return new Map(components.map((component) => [component.name, component]))
}
