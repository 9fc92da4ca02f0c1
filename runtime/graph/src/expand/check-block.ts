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

/** The attributes of a block that takes nothing else: names of the language's own blocks and of custom components. */
export function checkAttributes(
  block: BlockStatement,
  file: string,
  rules: { readonly allowed: readonly string[]; readonly required: readonly string[] },
): Diagnostic[] {
  const title = blockTitle(block)
  const found: Diagnostic[] = []
  const seen = new Set<string>()
  for (const statement of block.body.statements) {
    if (statement.kind === 'block') {
      const name = blockName(statement)
      const code = rules.allowed.includes(name) ? 'argument-given-as-block' : 'unknown-block'
      const reason = code === 'unknown-block' ? 'it takes no blocks' : 'it is an argument'
      const message = `Cannot use block "${name}" in ${title}: ${reason}`
      found.push(diagnose(code, { file, span: statement.head }, message, { name }))
      if (code === 'argument-given-as-block') seen.add(name)
      continue
    }
    const { text: name, span } = statement.name
    if (!rules.allowed.includes(name)) {
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
