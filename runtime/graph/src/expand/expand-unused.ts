import type { BlockStatement } from '@ingot/syntax'
import { link, type Linked } from '../link/link.ts'
import { uniqueDiagnostics } from '../unique-diagnostics.ts'
import type { ExpandInput } from './expand.ts'
import { Expansion, type ModuleBody } from './expansion.ts'

/** The bodies that nothing in `used` instantiates, each looked at once, with what they instantiate themselves. */
export function expandUnused(input: ExpandInput, used: Expansion): Linked {
  const expansion = new Expansion(input, { unusedBodies: true })
  const seen = new Set<BlockStatement>()
  const next = (): ModuleBody | undefined => {
    for (const expanded of [used, expansion]) {
      for (const body of expanded.unused()) {
        if (!seen.has(body.block) && !used.instantiates(body.block) && !expansion.instantiates(body.block)) return body
      }
    }
    return undefined
  }
  const names = new Map<string, number>()
  for (let body = next(); body; body = next()) {
    seen.add(body.block)
    const { id } = body.place.scope
    const count = (names.get(id) ?? 0) + 1
    names.set(id, count)
    expansion.body(count === 1 ? body : renamed(body, `${id}#${count}`))
  }
  const { graph, diagnostics } = link(expansion.nodes, input, used.nodes)
  return { graph, diagnostics: uniqueDiagnostics([...expansion.diagnostics, ...diagnostics]) }
}

/** Two declares of one name, in different places. */
function renamed(body: ModuleBody, id: string): ModuleBody {
  return { ...body, place: { ...body.place, scope: { ...body.place.scope, id } } }
}
