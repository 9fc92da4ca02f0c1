import { html, type Html } from '../html.ts'
import { adminFrame } from './admin-frame.ts'

/** One thing that may want attention. */
export interface AdminFact {
  readonly title: string
  readonly path: string
  /** Few words: `3 wait`. */
  readonly state: string
  readonly level: 'good' | 'info' | 'warn' | 'bad'
  readonly text: string
}

/** `/admin`: how it is with this registry. */
export function overviewPage(facts: readonly AdminFact[]): string {
  return adminFrame(
    'overview',
    html`<ul class="plain-list card">
      ${facts.map(factRow)}
    </ul>`,
  )
}

function factRow({ title, path, state, level, text }: AdminFact): Html {
  return html`<li class="row between">
    <div>
      <a href="${path}"><strong>${title}</strong></a>
      <p class="small soft">${text}</p>
    </div>
    <span class="chip ${level}">${state}</span>
  </li>`
}
