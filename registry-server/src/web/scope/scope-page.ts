import type { ScopeProof, SearchAnswer } from '@ingot/manifest'
import type { Role } from '../../access/actions.ts'
import { html, type Html } from '../html.ts'
import { page } from '../layout.ts'
import { moduleList } from '../parts/module-list.ts'
import { countText } from '../parts/sizes.ts'
import { proofChips } from './proofs-part.ts'
import type { ScopeRecord } from '../../storage/meta/scope-store.ts'

export interface ScopeContent {
  readonly name: string
  /** Absent where modules were published before anybody claimed the scope. */
  readonly scope: ScopeRecord | undefined
  readonly proofs: readonly ScopeProof[]
  readonly modules: Pick<SearchAnswer, 'items' | 'total' | 'next'>
  readonly members: readonly { readonly user: string; readonly role: string }[]
  /** What the reader is in it. */
  readonly role: Role | undefined
}

/** `/@s`: what is published under a name, and the rules that its owners have made. */
export function scopePage({ name, scope, proofs, modules, members, role }: ScopeContent): string {
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
        <section class="stack" aria-label="Modules">${moduleList(modules, `/${name}`)}</section>
        <aside class="side" aria-label="About ${name}">
          ${role !== undefined && memberLinks(name, role)}${scope && rules(scope)}${members.length > 0 && memberList(members)}
        </aside>
      </div>`,
  })
}

/** Where members go on from here. */
function memberLinks(name: string, role: Role): Html | undefined {
  if (role === 'reader' || role === 'triager') return undefined
  return html`<section>
    <h2>You are ${role}</h2>
    <p class="row small">
      <a href="/${name}/stages">Waiting versions</a>
      ${role === 'owner' && html`<a href="/${name}/settings">Settings</a><a href="/${name}/audit">Audit trail</a>`}
    </p>
  </section>`
}

function memberList(members: ScopeContent['members']): Html {
  return html`<section>
    <h2>Members</h2>
    <ul class="rules small">
      ${members.map(({ user, role }) => html`<li><a href="/~${user}">${user}</a>, ${role}</li>`)}
    </ul>
  </section>`
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
