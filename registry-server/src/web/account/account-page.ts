import type { CallerDescription, SessionDescription, TokenDescription } from '@ingot/manifest'
import { assets } from '../assets/assets.ts'
import { html, type Html } from '../html.ts'
import { page } from '../layout.ts'
import { factorsPart, passkeysPart, type FactorsContent } from './factors-part.ts'
import { ageOf, dateOf } from '../parts/time.ts'

export interface AccountContent {
  readonly caller: CallerDescription
  readonly tokens: readonly TokenDescription[]
  readonly sessions: readonly (SessionDescription & { readonly current: boolean })[]
  readonly invitations: readonly { readonly name: string; readonly role: string }[]
  readonly factors: FactorsContent
  /** A secret that is shown this once. */
  readonly shown?: { readonly title: string; readonly lines: readonly string[] } | undefined
}

/** `/account`: what is one's own. */
export function accountPage(content: AccountContent): string {
  const { caller, shown } = content
  return page({
    title: 'Account · Ingot registry',
    description: 'Your account.',
    search: true,
    scripts: [assets.passkey],
    body: html`<div class="head">
        <div class="row between">
          <h1>${caller.user?.name}</h1>
          <form method="post" action="/sign-out"><button class="quiet">Sign out</button></form>
        </div>
        ${caller.user?.staff && html`<p><a href="/admin">You run this registry</a></p>`}
        ${
          shown &&
          html`<div class="banner good" role="status">
            <p><strong>${shown.title}</strong> It is shown this once.</p>
            <div class="snippet">
              <button type="button" class="quiet" hidden>Copy</button>
              <pre tabindex="0"><code>${shown.lines.join('\n')}</code></pre>
            </div>
          </div>`
        }
      </div>
      <div class="stack">
        ${scopesPart(content)}${tokensPart(content)}${passkeysPart(content.factors)}${factorsPart(content.factors)}${sessionsPart(content)}
      </div>`,
  })
}

function scopesPart({ caller, invitations }: AccountContent): Html {
  return html`<section class="stack">
    <h2>Scopes</h2>
    ${
      caller.scopes.length + invitations.length > 0 &&
      html`<ul class="plain-list card">
        ${caller.scopes.map(
          ({ name, role }) =>
            html`<li class="row between">
              <span class="row"
                ><a href="/${name}"><strong>${name}</strong></a
                ><span class="chip">${role}</span></span
              >
              <span class="row small"
                ><a href="/${name}/stages">Waiting versions</a
                >${role === 'owner' && html`<a href="/${name}/audit">Audit trail</a>`}<a href="/${name}/settings"
                  >Settings</a
                ></span
              >
            </li>`,
        )}
        ${invitations.map(
          ({ name, role }) =>
            html`<li class="row between">
              <span>Invited to <strong>${name}</strong> as ${role}</span>
              <form class="row" method="post" action="/account/invitations">
                <input type="hidden" name="scope" value="${name}" />
                <button name="answer" value="accept">Accept</button>
                <button class="quiet" name="answer" value="refuse">Refuse</button>
              </form>
            </li>`,
        )}
      </ul>`
    }
    <form class="row" method="post" action="/account/scopes">
      <input name="name" placeholder="@scope" aria-label="Name of a new scope" required maxlength="42" />
      <label class="facet"><input type="checkbox" name="private" value="on" /> only members see it</label>
      <button class="quiet">Make a scope</button>
    </form>
  </section>`
}

function tokensPart({ tokens }: AccountContent): Html {
  const live = tokens.filter(({ revokedAt }) => revokedAt === null)
  return html`<section class="stack">
    <h2>Tokens</h2>
    ${
      live.length > 0 &&
      html`<ul class="plain-list card">
        ${live.map(
          (token) =>
            html`<li class="row between">
              <div>
                <strong>${token.description}</strong> <span class="mono small">${token.modules}</span>
                ${token.permissions.map((permission) => html`<span class="chip">${permission}</span> `)}
                <p class="small faint">
                  until ${dateOf(token.expiresAt)},
                  ${token.lastUsedAt === null ? 'never used' : html`last used ${ageOf(token.lastUsedAt)}`}
                </p>
              </div>
              <form method="post" action="/account/tokens/end">
                <button class="quiet" name="id" value="${token.id}" aria-label="End ${token.description}">End</button>
              </form>
            </li>`,
        )}
      </ul>`
    }
    <details class="card padded">
      <summary>Make a token</summary>
      <form class="fields-form" method="post" action="/account/tokens">
        <label
          >What it is for <input name="description" required maxlength="200" placeholder="build of redact"
        /></label>
        <label
          >For modules <input name="modules" required maxlength="100" placeholder="@scope/* or @scope/name"
        /></label>
        <fieldset>
          <legend>It may</legend>
          ${['read', 'stage', 'publish', 'yank', 'tag'].map((permission) => html`<label class="facet"><input type="checkbox" name="permissions" value="${permission}" /> ${permission}</label>`)}
        </fieldset>
        <label>Days <input type="number" name="days" value="30" min="1" max="366" /></label>
        <button>Make it</button>
      </form>
    </details>
  </section>`
}

function sessionsPart({ sessions }: AccountContent): Html {
  return html`<section class="stack">
    <h2>Signed in</h2>
    <ul class="plain-list card">
      ${sessions.map(
        ({ id, client, kind, current, lastUsedAt }) =>
          html`<li class="row between">
            <div>
              ${client} ${current && html`<span class="chip info">this one</span>`}
              <p class="small faint">${kind}, used ${ageOf(lastUsedAt)}</p>
            </div>
            <form method="post" action="/account/sessions/end">
              <button class="quiet" name="id" value="${id}" aria-label="End ${client}">End</button>
            </form>
          </li>`,
      )}
    </ul>
  </section>`
}
