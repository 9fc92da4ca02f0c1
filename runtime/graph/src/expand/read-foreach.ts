import { type BlockStatement, diagnose, type Diagnostic } from '@ingot/syntax'
import { blockName, blockTitle } from './block-name.ts'
import { checkAttributes, checkLabel } from './check-block.ts'

const rules = {
  allowed: ['collection', 'var', 'id', 'hash_string_id', 'enable_metrics'],
  required: ['collection', 'var'],
  blocks: ['template'],
}

export interface WrittenForeach {
  /** Absent when it is missing. */
  readonly template: BlockStatement | undefined
  /** The name of the item, when it is written out. */
  readonly variable: string | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** What can be said of a foreach before its collection is known. */
export function readForeach(block: BlockStatement, file: string): WrittenForeach {
  const diagnostics = [...checkLabel(block, file, 'required'), ...checkAttributes(block, file, rules)]
  const [template, ...others] = block.body.statements.filter(
    (statement) => statement.kind === 'block' && blockName(statement) === 'template',
  ) as readonly BlockStatement[]
  const title = blockTitle(block)
  const isGiven = diagnostics.some(({ code }) => code === 'block-given-as-argument')
  if (!template && !isGiven) {
    const message = `Cannot add ${title}: block "template" is missing`
    diagnostics.push(diagnose('missing-block', { file, span: block.head }, message, { example: 'template { … }' }))
  }
  if (template) {
    diagnostics.push(...checkLabel(template, file, 'none'))
  }
  for (const other of others) {
    const message = `Cannot use block "template" in ${title} twice`
    const values = { advice: 'keep one of the two' }
    diagnostics.push(diagnose('duplicate-block', { file, span: other.head }, message, values))
  }
  return { template, variable: writtenVariable(block), diagnostics }
}

function writtenVariable({ body }: BlockStatement): string | undefined {
  const found = body.statements.find((statement) => statement.kind === 'attribute' && statement.name.text === 'var')
  if (found?.kind !== 'attribute' || found.value.kind !== 'literal') return undefined
  return typeof found.value.value === 'string' ? found.value.value : undefined
}
