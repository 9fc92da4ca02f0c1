import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One argument of Alloy, as the reference records it: what its code says, and what its documentation does. */
export interface ArgumentFacts {
  readonly name: string
  readonly type: string
  readonly default: string | null
  readonly required: boolean
  readonly default_code?: string
  readonly default_note?: string
  readonly default_by_os?: unknown
  readonly struct_zero?: boolean
  readonly deprecated?: boolean
  readonly not_in_code?: boolean
  readonly is_block_label?: boolean
  readonly fields?: readonly ArgumentFacts[]
  readonly gate?: string
  readonly gated_values?: Readonly<Record<string, string>>
}
export interface BlockFacts {
  /** `endpoint > tls_config`. */
  readonly path: string
  readonly required: boolean
  readonly repeatable?: boolean
  readonly label?: boolean
  readonly recursive?: string
  readonly deprecated?: boolean
  readonly not_in_code?: boolean
  readonly gate?: string
  readonly arguments: readonly ArgumentFacts[]
}
export interface ComponentFacts {
  readonly name: string
  readonly kind?: 'config-block'
  readonly removed?: boolean
  readonly stability: 'GA' | 'public-preview' | 'experimental' | 'community' | 'deprecated'
  readonly arguments: readonly ArgumentFacts[]
  readonly blocks: readonly BlockFacts[]
  readonly exports: readonly { readonly name: string; readonly type: string }[]
}

/** Every component and configuration block of Alloy that its release has. */
export function referenceFacts(root: string): readonly ComponentFacts[] {
  const text = readFileSync(join(root, 'test/compat/reference/components.json'), 'utf8')
  return (JSON.parse(text) as readonly ComponentFacts[]).filter(({ removed }) => !removed)
}
