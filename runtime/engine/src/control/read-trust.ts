import type { Validated } from '@ingot/check'
import { parseKeyText, type TrustedKeys } from '@ingot/loader'
import type { Diagnostic } from '@ingot/syntax'
import { readConfigBlock } from './read-config-block.ts'

/** The keys that the `ingot` block trusts, and what its schema has to say that JSON Schema cannot. */
export function readTrust({ graph, evaluation }: Validated): {
  readonly trust?: TrustedKeys
  readonly diagnostics: readonly Diagnostic[]
} {
  const node = [...graph.nodes.values()].find(({ kind, name }) => kind === 'config' && name === 'ingot')
  if (!node) return { diagnostics: [] }
  const { value, diagnostics } = readConfigBlock('ingot', evaluation.results.get(node.id)!.block)
  if (!value?.trust) return { diagnostics }
  const { keys, native } = value.trust
  return { trust: { keys: keys.map(parseKeyText), native: native.map(parseKeyText) }, diagnostics }
}
