import { type BlockStatement, diagnose, type Diagnostic, nearest } from '@ingot/syntax'
import { blockName, blockTitle } from './block-name.ts'

export function checkLabel(block: BlockStatement, file: string, wanted: 'required' | 'none'): Diagnostic[] {
  const name = blockName(block)
  if (wanted === 'required' && !block.label) {
    const message = `Cannot add ${name}: it has no label, want one that tells it from others`
    return [diagnose('missing-label', { file, span: block.head }, message, { name })]
  }
  if (wanted === 'none' && block.label) {
    return [diagnose('unexpected-label', { file, span: block.label.span }, `Cannot label ${name}: it takes no label`)]
  }
  return []
}

/** The names in a block of the language's own, or of a custom component, which takes attributes alone. */
export function checkAttributes(
  block: BlockStatement,
  file: string,
  rules: {
    readonly allowed: readonly string[]
    readonly required: readonly string[]
    readonly blocks?: readonly string[]
  },
): Diagnostic[] {
  const title = blockTitle(block)
  const found: Diagnostic[] = []
  const seen = new Set<string>()
  for (const statement of block.body.statements) {
    if (statement.kind === 'block') {
      const name = blockName(statement)
      if (rules.blocks?.includes(name)) continue
      const code = rules.allowed.includes(name) ? 'argument-given-as-block' : 'unknown-block'
      const reason =
        code === 'argument-given-as-block' ? 'it is an argument' : rules.blocks ? 'no such block' : 'it takes no blocks'
      const message = `Cannot use block "${name}" in ${title}: ${reason}`
      const values = { name, nearest: nearest(name, rules.blocks ?? []) }
      found.push(diagnose(code, { file, span: statement.head }, message, values))
      if (code === 'argument-given-as-block') seen.add(name)
      continue
    }
    const { text: name, span } = statement.name
    if (rules.blocks?.includes(name)) {
      const message = `Cannot set "${name}" on ${title}: it is a block`
      found.push(diagnose('block-given-as-argument', { file, span }, message, { name }))
    } else if (!rules.allowed.includes(name)) {
      const message = `Cannot set "${name}" on ${title}: no such argument`
      found.push(diagnose('unknown-argument', { file, span }, message, { nearest: nearest(name, rules.allowed) }))
    } else if (seen.has(name)) {
      found.push(diagnose('duplicate-argument', { file, span }, `Cannot set "${name}" on ${title} twice`))
    }
    seen.add(name)
  }
  for (const name of rules.required) {
    if (seen.has(name)) continue
    const message = `Cannot add ${title}: argument "${name}" is missing`
    found.push(diagnose('missing-argument', { file, span: block.head }, message, { example: `${name} = …` }))
  }
  return found
}
