import type { ScopePolicy } from '@ingot/manifest'
import { canonicalJson } from '@ingot/trust'

/** What can happen to a scope that everybody who watches the log shall see (registry.md §2.4). */
export type ScopeChange =
  | { readonly type: 'policy'; readonly scope: string; readonly policy: ScopePolicy }
  /** `verified`: a domain or repository vouches for it; `lost`, `removed`: no longer. */
  | {
      readonly type: 'proof'
      readonly scope: string
      readonly kind: 'dns' | 'repository'
      readonly value: string
      readonly state: 'verified' | 'lost' | 'removed'
    }
  /** `owner` false: they are one no longer. */
  | { readonly type: 'owner'; readonly scope: string; readonly user: string; readonly owner: boolean }

export interface ScopeLeaf {
  readonly change: ScopeChange
  readonly by: readonly string[]
  readonly at: string
  readonly registry: string
}

export function scopeLeafText(leaf: ScopeLeaf): string {
  return canonicalJson(leaf)
}
