import type { ScopeProof, SearchAnswer } from '@ingot/manifest'
import { html, type Html } from '../html.ts'
import { page } from '../layout.ts'
import { hitRow } from '../parts/hit-row.ts'
import { countText } from '../parts/sizes.ts'
import { proofChips } from './proofs-part.ts'
import type { ScopeRecord } from '../../storage/meta/scope-store.ts'

export interface ScopeContent {
  readonly name: string
  /** Absent where modules were published before anybody claimed the scope. */
  readonly scope: ScopeRecord | undefined
  readonly proofs: readonly ScopeProof[]
  readonly modules: Pick<SearchAnswer, 'items' | 'total'>
}

/** `/@s`: what is published under a name, and the rules that its owners have made. */
export function scopePage({ name, scope, proofs, modules }: ScopeContent): string {
  return page({
    title: `${name} · Ingot registry`,
    description: `Modules of ${name}.`,
    search: true,
    feed: { path: `/feeds/${name}.atom`, title: `What changes in ${name}` },
    body: html`<div class="head">
        <h1>${name}</h1>
        <p class="row small soft">
          <span>${countText(modules.total, 'module')}</span>
          ${scope?.policy.visibility === 'private' && html`<span class="chip info">private</span>`}
          ${proofChips(proofs)}
        </p>
      </div>
      <div class="columns">
        <section class="stack" aria-label="Modules">
          ${
            modules.items.length === 0
              ? html`<div class="empty"><h2>No module yet</h2></div>`
              : html`<ul class="hits card">
                  ${modules.items.map(hitRow)}
                </ul>`
          }
        </section>
        <aside class="side" aria-label="Rules">${scope && rules(scope)}</aside>
      </div>`,
  })
}

function rules({ policy }: ScopeRecord): Html {
  const approvals = policy.minApprovals
  const kept = [
    policy.trustedPublisherOnly && 'Only trusted builds publish',
    approvals > 0 && `${countText(approvals, 'approval')} before a version is public`,
    policy.holdOnCapabilityIncrease && 'A version that may do more waits for a person',
    policy.requireProvenance && 'Every version proves which commit it was built from',
  ].filter((rule) => rule !== false)
  return html`<section>
    <h2>Rules of the scope</h2>
    ${
      kept.length === 0
        ? html`<p class="small soft">None.</p>`
        : html`<ul class="rules small">
            ${kept.map((rule) => html`<li>${rule}</li>`)}
          </ul>`
    }
  </section>`
}
