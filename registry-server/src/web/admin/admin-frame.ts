import { html, type Html } from '../html.ts'
import { page } from '../layout.ts'

const places = {
  overview: ['/admin', 'Overview'],
  quarantine: ['/admin/quarantine', 'Quarantine'],
  waiting: ['/admin/waiting', 'Waiting versions'],
  jobs: ['/admin/jobs', 'Jobs'],
  mirrors: ['/admin/mirrors', 'Mirrors'],
  keys: ['/admin/keys', 'Keys'],
  webhooks: ['/admin/webhooks', 'Webhooks'],
  audit: ['/admin/audit', 'Audit trail'],
} as const

export type AdminPlace = keyof typeof places

/** A page for those who run the registry. */
export function adminFrame(shown: AdminPlace, body: Html): string {
  const [, title] = places[shown]
  return page({
    title: `${title} · Ingot registry`,
    description: 'For those who run this registry.',
    search: true,
    body: html`<div class="head">
        <h1>${shown === 'overview' ? 'This registry' : title}</h1>
      </div>
      <nav class="tabs" aria-label="This registry">
        <ul>
          ${Object.entries(places).map(
            ([place, [path, text]]) =>
              html`<li><a href="${path}" ${place === shown && html`aria-current="page"`}>${text}</a></li>`,
          )}
        </ul>
      </nav>
      <div class="tab-body stack">${body}</div>`,
  })
}

/** What a list says that has nothing to list. */
export function nothingHere(title: string, text: string): Html {
  return html`<div class="empty">
    <h2>${title}</h2>
    <p class="soft">${text}</p>
  </div>`
}
