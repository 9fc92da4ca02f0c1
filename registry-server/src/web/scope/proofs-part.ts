import type { ProofDescription, ScopeProof } from '@ingot/manifest'
import { html, type Html } from '../html.ts'
import { icon } from '../parts/icons.ts'
import { dateOf } from '../parts/time.ts'

/** Who stands behind a scope, as everybody is shown it: `verified by DNS acme.example since …`. */
export function proofChips(proofs: readonly ScopeProof[]): Html[] {
  return proofs.map(({ kind, value, verifiedAt, failingSince }) => {
    const title = `${kind === 'dns' ? 'A record of this domain' : 'A file of this repository'} names the scope`
    const shown =
      kind === 'dns'
        ? html`DNS ${value}`
        : html`<a href="${value}" rel="nofollow ugc">${value.replace('https://', '')}</a>`
    const since =
      failingSince === null ? html`since ${dateOf(verifiedAt)}` : html`not found since ${dateOf(failingSince)}`
    return html`<span class="chip ${failingSince === null ? 'good' : 'warn'}" title="${title}"
      >${icon('shield')} <span>verified by ${shown} ${since}</span></span
    >`
  })
}

const stateChips = { pending: '', verified: 'good', failing: 'warn', lost: 'bad' } as const

/** Of the settings: what is claimed of the scope, and what to put where. */
export function proofsPart(name: string, proofs: readonly ProofDescription[]): Html {
  return html`<section class="stack" id="proofs">
    <h2>Proofs</h2>
    <p class="soft">
      A domain or a repository that names this scope tells everybody who stands behind it. It is looked for every day;
      one that is missing for a week counts no more.
    </p>
    ${
      proofs.length > 0 &&
      html`<ul class="plain-list card">
        ${proofs.map((proof) => proofRow(name, proof))}
      </ul>`
    }
    <details class="card padded">
      <summary>Prove a domain or a repository</summary>
      <form class="fields-form" method="post" action="/${name}/settings/proofs">
        <label
          >What
          <select name="kind">
            <option value="dns">Domain</option>
            <option value="repository">Repository</option>
          </select></label
        >
        <label
          >Its name
          <input name="value" required maxlength="500" placeholder="acme.example or https://github.com/acme/redact"
        /></label>
        <button name="do" value="claim">Show what to put there</button>
      </form>
    </details>
  </section>`
}

function proofRow(name: string, proof: ProofDescription): Html {
  const { id, kind, value, state, verifiedAt, checkedAt, problem, failingSince, lostAt, where, text } = proof
  return html`<li class="stack">
    <div class="row between">
      <span class="row"
        ><strong class="path">${value}</strong><span class="chip">${kind === 'dns' ? 'DNS' : kind}</span
        ><span class="chip ${stateChips[state]}">${state}</span></span
      >
      <form class="row" method="post" action="/${name}/settings/proofs">
        <input type="hidden" name="id" value="${id}" />
        <button class="quiet" name="do" value="check" aria-label="Look now: ${value}">Look now</button>
        <button class="quiet" name="do" value="remove" aria-label="Remove ${value}">Remove</button>
      </form>
    </div>
    ${
      state !== 'verified' &&
      html`<p class="small">Put this there as a ${where}:</p>
        <p class="mono path small">${text}</p>`
    }
    <p class="small faint">
      ${verifiedAt !== null && html`Verified since ${dateOf(verifiedAt)}. `}
      ${failingSince !== null && html`Not found since ${dateOf(failingSince)}. `}
      ${lostAt !== null && html`Lost on ${dateOf(lostAt)}. `}
      ${checkedAt === null ? 'Never looked for.' : html`Last looked for on ${dateOf(checkedAt)}.`}
    </p>
    ${problem !== null && html`<p class="small path">${problem}</p>`}
  </li>`
}
