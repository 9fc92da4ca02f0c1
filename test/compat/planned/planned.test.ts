import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { decodeArguments, plannedComponentsFile, readPlannedComponents } from '@ingot/check'
import type { EvaluatedBlock } from '@ingot/graph'
import { describe, expect, test } from 'vitest'
import { compilePlanned, plannedPath } from './compile-planned.ts'
import { type BlockFacts, type ComponentFacts, referenceFacts } from './reference-facts.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const facts = referenceFacts(root)
const planned = readPlannedComponents(readFileSync(plannedComponentsFile, 'utf8'))
const components = facts.filter(({ kind }) => kind !== 'config-block')

test('the compiled manifests are what the reference says ("npm run planned" compiles them anew)', () => {
  expect(readFileSync(join(root, plannedPath), 'utf8')).toBe(compilePlanned(facts))
})

test('every component of the reference has a manifest', () => {
  expect(planned.names).toEqual(new Set(components.map(({ name }) => name)))
})

const span = { start: 0, end: 0 }
const nothing = { kind: 'literal', value: null, raw: 'null', span } as const

/** A block with every argument and every inner block that the facts name, and no values. */
function everything({ name, path = '', arguments: args, blocks, label = false }: Everything): EvaluatedBlock {
  const own = args.filter((each) => !each.not_in_code && !each.is_block_label)
  const isInner = (block: BlockFacts) =>
    !block.not_in_code && !block.recursive && block.path.split(' > ').slice(0, -1).join(' > ') === path
  return {
    name,
    label: label ? { text: 'x', span } : undefined,
    file: 'all.alloy',
    head: span,
    attributes: own.map((each) => ({
      name: each.name,
      nameSpan: span,
      expression: nothing,
      value: undefined,
      provisional: false,
    })),
    blocks: blocks
      .filter(isInner)
      .map((block) => everything({ ...block, name: block.path.split(' > ').at(-1)!, blocks })),
  }
}

interface Everything extends Pick<ComponentFacts, 'name' | 'arguments' | 'blocks'> {
  readonly path?: string
  readonly label?: boolean
}

describe('every argument and block of the reference is known:', () => {
  test.each(components)('$name', (entry) => {
    const block = everything(entry)
    const { diagnostics } = decodeArguments(planned.manifest(entry.name)!.arguments, block)
    expect(diagnostics.map(({ message }) => message)).toEqual([])
  })
})

test('the configuration blocks of the reference are known', () => {
  const blocks = facts.filter(({ kind }) => kind === 'config-block').map(({ name }) => name)
  const language = ['argument', 'declare', 'export', 'foreach']
  expect(blocks.filter((name) => !planned.block(name)).sort()).toEqual(language)
})
