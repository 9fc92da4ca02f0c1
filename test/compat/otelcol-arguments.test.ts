import { readFileSync } from 'node:fs'
import type { ComponentDefinition } from '@ingot/sdk'
import { describe, expect, test } from 'vitest'
import batch from '../../modules/otelcol/processor.batch/component.ts'
import debug from '../../modules/otelcol/exporter.debug/component.ts'
import otlp from '../../modules/otelcol/exporter.otlp/component.ts'
import otlphttp from '../../modules/otelcol/exporter.otlphttp/component.ts'
import receiver from '../../modules/otelcol/receiver.otlp/component.ts'

interface Reference {
  readonly name: string
  readonly arguments: readonly { readonly name: string; readonly default: string | null; readonly required: boolean }[]
  readonly blocks: readonly {
    readonly path: string
    readonly required: boolean
    readonly arguments: Reference['arguments']
  }[]
}
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly default?: unknown
  readonly ingot?: { readonly kind: string }
}

const references = JSON.parse(
  readFileSync(new URL('reference/components.json', import.meta.url), 'utf8'),
) as readonly Reference[]

/** Defaults that Alloy derives or leaves to a library, and those of receivers, which have none of their own. */
const derived = new Set(['logs_endpoint', 'metrics_endpoint', 'traces_endpoint', 'logs', 'metrics', 'traces'])

function flat(schema: Schema, path = ''): Map<string, Schema> {
  const found = new Map<string, Schema>([[path, schema]])
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    if (child.ingot?.kind !== 'block') continue
    for (const [at, each] of flat(child, path === '' ? name : `${path} > ${name}`)) found.set(at, each)
  }
  return found
}

describe.each([receiver, batch, otlp, otlphttp, debug] as unknown as ComponentDefinition[])('$name', (definition) => {
  const reference = references.find(({ name }) => name === definition.name)!
  const schema = definition.arguments.toJSONSchema({ io: 'input', unrepresentable: 'any' }) as Schema
  const blocks = flat(schema)

  test('has the blocks of Alloy and no others', () => {
    expect([...blocks.keys()].toSorted()).toEqual(['', ...reference.blocks.map(({ path }) => path)].toSorted())
  })

  test.each([{ path: '', arguments: reference.arguments }, ...reference.blocks])(
    'has the arguments of "$path" with their defaults',
    (block) => {
      const { properties = {}, required = [] } = blocks.get(block.path)!
      const own = Object.entries(properties).filter(([, child]) => child.ingot?.kind !== 'block')
      expect(own.map(([name]) => name).toSorted()).toEqual(block.arguments.map(({ name }) => name).toSorted())
      for (const { name, default: wanted, required: needed } of block.arguments) {
        expect([name, required.includes(name)]).toEqual([name, needed])
        if (wanted === null || derived.has(name)) continue
        expect([name, text(properties[name]!.default)]).toEqual([name, wanted])
      }
    },
  )

  test('requires the blocks that Alloy requires', () => {
    for (const { path, required } of reference.blocks) {
      const parent = blocks.get(path.split(' > ').slice(0, -1).join(' > '))!
      expect([path, (parent.required ?? []).includes(path.split(' > ').at(-1)!)]).toEqual([path, required])
    }
  })
})

/** A default as the reference writes it. */
function text(value: unknown): string {
  if (value === '0') return '0'
  return Array.isArray(value) ? `[${value.map(text).join(', ')}]` : JSON.stringify(value)
}
