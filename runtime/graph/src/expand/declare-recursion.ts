import { type Body, diagnose, type Diagnostic } from '@ingot/syntax'
import { components } from '../link/strong-components.ts'
import { shortestCycle } from '../link/shortest-cycle.ts'
import { blockName } from './block-name.ts'
import type { Declare } from './environment.ts'

/** Declares of one place that contain an instance of themselves, directly or through each other. */
export function declareRecursion(declares: ReadonlyMap<string, Declare>): Diagnostic[] {
  const uses = new Map<string, ReadonlySet<string>>()
  for (const [name, { block }] of declares) {
    const used = new Set<string>()
    collectUses(block.body, new Set(), (other) => declares.has(other) && used.add(other))
    uses.set(name, used)
  }
  const edges = (name: string) => uses.get(name) ?? []
  return components(declares.keys(), edges).flatMap((members) => {
    const first = [...declares.keys()].find((name) => members.includes(name))!
    const cycle = shortestCycle(first, edges, new Set(members))
    if (!cycle) return []
    const { block, file } = declares.get(first)!
    const message = `Cannot declare "${first}": it contains itself`
    return [diagnose('cycle', { file, span: block.head }, message, { circle: cycle.join(' → ') })]
  })
}

/** The single names of blocks in a body, at any depth, that an inner declare does not hide. */
function collectUses(body: Body, hidden: ReadonlySet<string>, found: (name: string) => void): void {
  const blocks = body.statements.filter((statement) => statement.kind === 'block')
  const inner = new Set(hidden)
  for (const block of blocks) if (blockName(block) === 'declare' && block.label) inner.add(block.label.text)
  for (const block of blocks) {
    const name = blockName(block)
    if (!inner.has(name)) found(name)
    collectUses(block.body, inner, found)
  }
}
