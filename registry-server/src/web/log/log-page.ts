import type { TreeHead } from '@ingot/trust'
import { parseModuleKey } from '@ingot/manifest'
import type { LogEvent } from '../../storage/meta/log-store.ts'
import { html, type Html } from '../html.ts'
import { page } from '../layout.ts'
import { ageOf } from '../parts/time.ts'

/** An event, or that there is one which the reader may not see. */
export interface ShownEvent {
  readonly event: LogEvent
  readonly hidden: boolean
}

export interface LogContent {
  readonly head: TreeHead
  readonly origin: string
  readonly keyId: string
  readonly events: readonly ShownEvent[]
  /** Where the next older page begins. */
  readonly older: number | undefined
}

/** `/log`: everything that ever changed, the newest first. */
export function logPage({ head, origin, keyId, events, older }: LogContent): string {
  return page({
    title: 'Log · Ingot registry',
    description: 'Everything that ever changed in this registry, in an append-only log.',
    search: true,
    body: html`<div class="head">
        <h1>Log</h1>
        <p class="lead soft">
          Everything that changes here is one entry of an append-only log. Clients remember how it was, and take nothing
          from a registry that shows them another history.
        </p>
        <dl class="facts">
          <dt>Entries</dt>
          <dd class="number">${head.size}</dd>
          <dt>Root</dt>
          <dd class="mono">${Buffer.from(head.root).toString('base64')}</dd>
          <dt>Name</dt>
          <dd class="mono">${origin}</dd>
          <dt>Signed by</dt>
          <dd class="mono">${keyId}</dd>
        </dl>
        <p class="small row">
          <a href="/log/checkpoint">Signed checkpoint</a
          ><a href="/api/v1/events?after=${Math.max(0, head.size - 100)}">Events as JSON</a>
        </p>
      </div>
      <div class="stack">
        ${
          events.length === 0
            ? html`<div class="empty"><h2>Nothing has happened yet</h2></div>`
            : html`<ol class="log card" reversed>
                ${events.map(eventRow)}
              </ol>`
        }
        ${older !== undefined && html`<p><a class="button quiet" href="/log?before=${older}">Older entries</a></p>`}
      </div>`,
  })
}

const badTypes = new Set(['yank', 'quarantine', 'tombstone'])

function eventRow({ event: { index, type, subject, at }, hidden }: ShownEvent): Html {
  return html`<li>
    <span class="number faint">${hidden ? index : html`<a href="/log/${index}">${index}</a>`}</span>
    <span class="chip ${badTypes.has(type) ? 'bad' : type === 'publish' ? 'info' : ''}"
      >${hidden ? 'private' : type}</span
    >
    <span class="subject"
      >${hidden ? html`<span class="faint">something that only members see</span>` : subjectLink(subject)}</span
    >
    <span class="small faint">${ageOf(at)}</span>
  </li>`
}

/** To the page of what an event is about, where there is one. */
export function subjectLink(subject: string): Html {
  const key = parseModuleKey(subject)
  if (key) return html`<a href="/${key.name}/${key.version}">${subject}</a>`
  return /^@[a-z0-9-]+(\/[a-z0-9-]+)?$/.test(subject) ? html`<a href="/${subject}">${subject}</a>` : html`${subject}`
}
