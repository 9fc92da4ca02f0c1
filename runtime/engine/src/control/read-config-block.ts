import { decodeArguments } from '@ingot/check'
import type { EvaluatedBlock } from '@ingot/graph'
import { diagnose, type Diagnostic, type Span } from '@ingot/syntax'
import { Secret } from '@ingot/sdk'
import { configBlocks, configBlockSchemas, type ConfigBlock, type ConfigBlockName } from './config-blocks.ts'

/** A block that configures the collector itself, checked and parsed like a component's arguments. */
export function readConfigBlock<N extends ConfigBlockName>(
  name: N,
  block: EvaluatedBlock,
): { readonly value: ConfigBlock<N> | undefined; readonly diagnostics: readonly Diagnostic[] } {
  const { frame, diagnostics } = decodeArguments(configBlockSchemas[name], block)
  if (diagnostics.some(({ severity }) => severity === 'error')) return { value: undefined, diagnostics }
  const plain = structuredClone(frame.value) as Record<string | number, unknown>
  for (const path of frame.secrets) {
    const parent = path.slice(0, -1).reduce((at, key) => at[key] as Record<string | number, unknown>, plain)
    parent[path.at(-1)!] = new Secret(String(parent[path.at(-1)!]))
  }
  // Receivers are edges, which whoever runs the block wires from the frame.
  for (const { path } of frame.outputs) delete plain[path[0]!]
  const parsed = configBlocks[name].safeParse(plain)
  if (parsed.success) return { value: parsed.data as ConfigBlock<N>, diagnostics }
  const found = parsed.error.issues.map(({ path, message }) =>
    diagnose(
      'invalid-value',
      { file: block.file, span: placeOf(block, path) },
      `Cannot use ${name}: ${path.join('.')}: ${message}`,
    ),
  )
  return { value: undefined, diagnostics: [...diagnostics, ...found] }
}

/** What an issue is about: the argument's value where it is written, otherwise the block that lacks it. */
function placeOf(block: EvaluatedBlock, path: readonly PropertyKey[]): Span {
  let at = block
  for (const [i, key] of path.entries()) {
    const attribute = at.attributes.find(({ name }) => name === key)
    if (attribute) return attribute.expression.span
    const nested = at.blocks.filter(({ name }) => name === key)
    const next = path[i + 1]
    at = nested[typeof next === 'number' ? next : 0] ?? at
  }
  return at.head
}
