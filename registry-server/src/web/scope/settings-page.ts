import { scopeRole, type ProofDescription, type ScopeMember, type ScopePolicy } from '@ingot/manifest'
import { html, type Html } from '../html.ts'
import { page } from '../layout.ts'
import { proofsPart } from './proofs-part.ts'
import { publishersPart, type PublishersContent } from './publishers-part.ts'

export interface SettingsContent extends PublishersContent {
  readonly name: string
  readonly policy: ScopePolicy
  readonly members: readonly ScopeMember[]
  readonly proofs: readonly ProofDescription[]
}

/** `/@s/settings`: who belongs to a scope, whom it trusts, what proves who stands behind it, and its rules. */
export function settingsPage(content: SettingsContent): string {
  const { name } = content
  return page({
    title: `Settings of ${name} · Ingot registry`,
    description: `Settings of ${name}.`,
    search: true,
    body: html`<div class="head">
        <p class="small"><a href="/${name}">${name}</a></p>
        <h1>Settings of ${name}</h1>
        <p class="soft">Changes are public entries of the log, and want a second factor.</p>
        <p><a href="/${name}/webhooks">Webhooks</a></p>
      </div>
      <div class="stack">
        ${policyPart(content)}${membersPart(content)}${publishersPart(name, content)}${proofsPart(name, content.proofs)}
      </div>`,
  })
}

function policyPart({ name, policy }: SettingsContent): Html {
  const box = (field: keyof ScopePolicy, label: string): Html =>
    html`<label class="facet"
      ><input type="checkbox" name="${field}" value="on" ${policy[field] === true && html`checked`} /> ${label}</label
    >`
  return html`<section class="stack">
    <h2>Rules</h2>
    <form class="fields-form card" method="post" action="/${name}/settings/policy">
      <label
        >Who sees it
        <select name="visibility">
          ${['public', 'private'].map((value) => html`<option ${value === policy.visibility && html`selected`}>${value}</option>`)}
        </select></label
      >
      <label
        >Approvals before a version is public
        <input type="number" name="minApprovals" min="0" max="5" value="${policy.minApprovals}"
      /></label>
      ${box('holdOnCapabilityIncrease', 'A version that may do more waits for a person')}
      ${box('trustedPublisherOnly', 'Only trusted builds publish')}
      ${box('requireProvenance', 'Every version proves which commit it was built from')}
      <button>Save the rules</button>
    </form>
  </section>`
}

function membersPart({ name, members }: SettingsContent): Html {
  const roles = (chosen: string): Html[] =>
    scopeRole.options.map((role) => html`<option ${role === chosen && html`selected`}>${role}</option>`)
  return html`<section class="stack">
    <h2>Members</h2>
    <ul class="plain-list card">
      ${members.map(
        ({ user, role, acceptedAt }) =>
          html`<li class="row between">
            <span class="row"
              ><strong>${user}</strong>${acceptedAt === null && html`<span class="chip">invited</span>`}</span
            >
            <form class="row" method="post" action="/${name}/settings/members">
              <input type="hidden" name="user" value="${user}" />
              <select name="role" aria-label="Role of ${user}">
                ${roles(role)}
              </select>
              <button class="quiet" name="do" value="set">Change</button>
              <button class="quiet" name="do" value="remove">Remove</button>
            </form>
          </li>`,
      )}
    </ul>
    <form class="row" method="post" action="/${name}/settings/members">
      <input name="user" placeholder="name" aria-label="Name of a user" required maxlength="100" />
      <select name="role" aria-label="Role">
        ${roles('publisher')}
      </select>
      <button class="quiet" name="do" value="set">Invite</button>
    </form>
  </section>`
}
