import { webhookEvent, type WebhookDelivery, type WebhookDescription } from '@ingot/manifest'
import { adminFrame } from '../admin/admin-frame.ts'
import { html, type Html } from '../html.ts'
import { page } from '../layout.ts'
import { countText } from '../parts/sizes.ts'
import { ageOf, dateOf } from '../parts/time.ts'

/** Whose webhooks: `@acme`, or nobody's but the registry's. */
export interface WebhooksOf {
  readonly scope: string | undefined
  /** `/@acme/webhooks`. */
  readonly path: string
}

/** What the scope's webhooks cannot be told of, as it is about no scope. */
const ofRegistryAlone = ['key']
const ofScopeAlone = ['stage']

/** `/@s/webhooks`, `/webhooks`: whom the registry tells. */
export function webhooksPage(of: WebhooksOf, webhooks: readonly WebhookDescription[]): string {
  const { scope } = of
  const body = html`${webhooks.length === 0 ? html`<div class="empty"><h2>No webhook yet</h2></div>` : list(of, webhooks)}
    <details class="card padded" ${webhooks.length === 0 && html`open`}>
      <summary>Make a webhook</summary>
      ${form(of)}
    </details>`
  if (scope === undefined)
    return adminFrame(
      'webhooks',
      html`<p class="soft">${intro} Private scopes are told of by webhooks of their own alone.</p>
        ${body}`,
    )
  return page({
    title: `Webhooks of ${scope} · Ingot registry`,
    description: `Webhooks of ${scope}.`,
    search: true,
    body: html`<div class="head">
        <p class="small"><a href="/${scope}/settings">Settings of ${scope}</a></p>
        <h1>Webhooks</h1>
        <p class="soft">${intro}</p>
      </div>
      <div class="stack">${body}</div>`,
  })
}

const intro = html`Each event that is chosen is sent to an address, signed as
  <a href="https://www.standardwebhooks.com/" rel="noopener">Standard Webhooks</a> says.`

export interface WebhookContent {
  readonly webhook: WebhookDescription
  readonly deliveries: readonly WebhookDelivery[]
  /** A secret that is shown this once. */
  readonly secret?: string | undefined
}

/** `/@s/webhooks/<id>`: one webhook, and what came of what it was told. */
export function webhookPage(of: WebhooksOf, { webhook, deliveries, secret }: WebhookContent): string {
  return page({
    title: `Webhook of ${nameOf(of)} · Ingot registry`,
    description: `A webhook of ${nameOf(of)}.`,
    search: true,
    body: html`<div class="head">
        <p class="small"><a href="${of.path}">Webhooks of ${nameOf(of)}</a></p>
        <h1>${webhook.description === '' ? 'Webhook' : webhook.description}</h1>
        <p class="mono path">${webhook.url}</p>
        <p class="row small">
          ${stateChip(webhook)} ${webhook.events.map((event) => html`<span class="chip">${event}</span>`)}
        </p>
        ${secret !== undefined && shownSecret(secret)} ${notices(webhook)} ${buttons(of, webhook)}
      </div>
      <section class="stack">
        <h2>Deliveries</h2>
        ${
          deliveries.length === 0
            ? html`<div class="empty"><h3>Nothing has been sent yet</h3></div>`
            : html`<ul class="plain-list card">
                ${deliveries.map((delivery) => deliveryRow(of, webhook, delivery))}
              </ul>`
        }
      </section>`,
  })
}

function nameOf({ scope }: WebhooksOf): string {
  return scope ?? 'the registry'
}

function list({ path }: WebhooksOf, webhooks: readonly WebhookDescription[]): Html {
  return html`<ul class="hits card">
    ${webhooks.map(
      (webhook) =>
        html`<li class="hit">
          <div class="row">
            <h3>
              <a href="${path}/${webhook.id}">${webhook.description === '' ? webhook.url : webhook.description}</a>
            </h3>
            ${stateChip(webhook)}
          </div>
          <p class="small path">${webhook.description !== '' && html`${webhook.url} · `}${webhook.events.join(', ')}</p>
        </li>`,
    )}
  </ul>`
}

function stateChip({ disabledAt, failingSince, waiting }: WebhookDescription): Html {
  if (disabledAt !== null) return html`<span class="chip bad">disabled</span>`
  if (failingSince !== null) return html`<span class="chip warn">failing</span>`
  return html`<span class="chip ${waiting === 0 ? 'good' : 'info'}"
    >${waiting === 0 ? 'up to date' : `${waiting} waiting`}</span
  >`
}

function notices({ disabledAt, disabledBecause, failingSince, dropped, formerSecretUntil }: WebhookDescription): Html {
  return html`${
    disabledAt !== null &&
    html`<p class="banner bad" role="alert">
      It has been disabled since ${dateOf(disabledAt)}: ${disabledBecause ?? ''}. Events since then are not sent.
    </p>`
  }${
    disabledAt === null &&
    failingSince !== null &&
    html`<p class="banner warn" role="status">Nothing has arrived since ${dateOf(failingSince)}.</p>`
  }${
    dropped > 0 &&
    html`<p class="banner warn" role="status">
      ${countText(dropped, 'event')} found too many waiting before them and will not be sent.
    </p>`
  }${
    formerSecretUntil !== null &&
    html`<p class="banner info" role="status">
      The secret before this one is signed with too, until
      <time datetime="${formerSecretUntil}">${formerSecretUntil}</time>.
    </p>`
  }`
}

function shownSecret(secret: string): Html {
  return html`<div class="banner good" role="status">
    <p><strong>The secret that its messages are signed with.</strong> It is shown this once.</p>
    <div class="snippet">
      <button type="button" class="quiet" hidden>Copy</button>
      <pre tabindex="0"><code>${secret}</code></pre>
    </div>
  </div>`
}

function buttons({ path }: WebhooksOf, { id, disabledAt }: WebhookDescription): Html {
  const enabled = disabledAt === null
  return html`<form class="row" method="post" action="${path}/${id}">
    ${enabled && html`<button class="quiet" name="do" value="ping">Ping it</button>`}
    <button class="quiet" name="do" value="rotate">Make another secret</button>
    <button class="quiet" name="do" value="${enabled ? 'disable' : 'enable'}">
      ${enabled ? 'Disable it' : 'Enable it'}
    </button>
    <button class="danger" name="do" value="delete">Delete it</button>
  </form>`
}

function deliveryRow({ path }: WebhooksOf, webhook: WebhookDescription, delivery: WebhookDelivery): Html {
  const { id, type, state, attempts, createdAt, dueAt, status, failure, response, body } = delivery
  const kind = { delivered: 'good', waiting: attempts === 0 ? 'info' : 'warn', failed: 'bad' }[state]
  const outcome = status === null ? (failure ?? 'not sent yet') : `status ${status}`
  return html`<li>
    <div class="row between">
      <span class="row"
        ><strong>${type}</strong><span class="chip ${kind}">${state}</span
        ><span class="small soft">${outcome}</span></span
      >
      ${
        webhook.disabledAt === null &&
        html`<form method="post" action="${path}/${webhook.id}">
          <input type="hidden" name="delivery" value="${id}" />
          <button class="quiet" name="do" value="replay" aria-label="Send again: ${type} ${id}">Send again</button>
        </form>`
      }
    </div>
    <p class="small faint">
      ${ageOf(createdAt)},
      ${countText(attempts, 'attempt')}${
        dueAt !== null &&
        attempts > 0 &&
        html`, next at <time datetime="${dueAt}">${dueAt.slice(0, 16).replace('T', ' ')}</time>`
      }
    </p>
    <details class="small">
      <summary>What was sent, and the answer</summary>
      <p class="mono path">${id}</p>
      <pre class="scroll" tabindex="0"><code>${body}</code></pre>
      ${failure !== null && html`<p>${failure}</p>`}
      ${response !== null && response !== '' && html`<pre class="scroll" tabindex="0"><code>${response}</code></pre>`}
    </details>
  </li>`
}

function form({ scope, path }: WebhooksOf): Html {
  const none = scope === undefined ? ofScopeAlone : ofRegistryAlone
  const events = webhookEvent.options.filter((event) => !none.includes(event))
  return html`<form class="fields-form" method="post" action="${path}">
    <label
      >Address <input type="url" name="url" required maxlength="2048" placeholder="https://ci.example/ingot"
    /></label>
    <label>What it is for <input name="description" maxlength="200" placeholder="rebuild of the catalogue" /></label>
    <fieldset>
      <legend>It is told of</legend>
      ${events.map((event) => html`<label class="facet"><input type="checkbox" name="events" value="${event}" ${event === 'publish' && html`checked`} /> ${event.replace('_', ' ')}</label>`)}
    </fieldset>
    <button>Make it</button>
  </form>`
}
