import { diagnose, type Diagnostic } from '@ingot/syntax'
import { blockName, type PlacedBlock } from './block-name.ts'
import { checkLabel } from './check-block.ts'
import type { Declare, Environment } from './environment.ts'

/**
 * Puts the declares among `blocks` into their environment. Of two with one name the first is kept, which is an error in a
 * configuration and a warning in imported files.
 */
export function registerDeclares(
  blocks: readonly PlacedBlock[],
  environment: Environment,
  severity: 'error' | 'warning',
): Diagnostic[] {
  const found: Diagnostic[] = []
  for (const { block, file } of blocks) {
    if (blockName(block) !== 'declare') continue
    found.push(...checkLabel(block, file, 'required'))
    if (!block.label) continue
    const { text: name, span } = block.label
    const place = { file, span: block.head }
    if (name === 'declare') {
      found.push(diagnose('invalid-value', { file, span }, 'Cannot declare "declare": the name is reserved'))
      continue
    }
    const first = environment.declares.get(name)
    if (first) {
      const advice = 'give one of the two another name'
      const duplicate = diagnose('duplicate-block', place, `Cannot declare "${name}": the name is taken`, { advice })
      const related = [{ message: `declare.${name} is here`, file: first.file, span: first.block.head }]
      found.push({ ...duplicate, severity, related })
      continue
    }
    if (environment.namespaces.has(name)) {
      const advice = 'give the declare or the import another name'
      found.push(diagnose('duplicate-block', place, `Cannot declare "${name}": an import has this label`, { advice }))
      continue
    }
    environment.declares.set(name, { name, block, file, environment } satisfies Declare)
  }
  return found
}
