import type { Validated } from '@ingot/check'
import { diagnose, type Diagnostic } from '@ingot/syntax'
import type { ImportLoader } from './load-imports.ts'

/**
 * Powers that imported components need and the configuration does not grant. What an argument designates, and what has
 * no target (`clock`), needs no grant; of what has, at least a part must be granted.
 */
export function missingGrants({ graph }: Validated, imports: ImportLoader): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  for (const node of graph.nodes.values()) {
    const imported = node.kind === 'component' ? imports.components.get(node.component) : undefined
    if (!imported) continue
    const { component } = imported.loaded
    for (const [capability, requests] of Object.entries(component.capabilities)) {
      const values = requests.flatMap(({ values: wanted }) => wanted ?? [])
      const name = capability.replaceAll('.', '_')
      if (values.length === 0 || (imported.from.grant[name] ?? []).length > 0) continue
      const why = requests.map((request) => request.why).join('; ')
      const message = `Cannot use ${node.name}: its module needs ${capability} (${why}) and nothing of it is granted`
      const block = `grant { ${name} = [${values.map((value) => JSON.stringify(value)).join(', ')}] } to its import.module`
      found.push(diagnose('missing-grant', { file: node.file, span: node.block.head }, message, { block }))
    }
  }
  return found
}
