import { hashLeaf } from '@ingot/trust'
import { publicLeaf, type LogEvent } from '../../storage/meta/log-store.ts'
import { html } from '../html.ts'
import { page } from '../layout.ts'
import { dateOf } from '../parts/time.ts'
import { subjectLink } from './log-page.ts'

/** `/log/<index>`: one entry, to the byte. */
export function logEntryPage(event: LogEvent, size: number): string {
  const { index, type, subject, at, leaf, salt } = event
  return page({
    title: `Log entry ${index} · Ingot registry`,
    description: `${type} ${subject}`,
    search: true,
    body: html`<div class="head">
        <p class="small"><a href="/log">Log</a></p>
        <h1>Entry ${index}</h1>
        <dl class="facts">
          <dt>What</dt>
          <dd>${type}</dd>
          <dt>Of</dt>
          <dd>${subjectLink(subject)}</dd>
          <dt>When</dt>
          <dd>${dateOf(at)}</dd>
          <dt>Leaf hash</dt>
          <dd class="mono">${Buffer.from(hashLeaf(publicLeaf(event))).toString('base64')}</dd>
          ${
            salt !== null &&
            html`<dt>Salt</dt>
              <dd class="mono">${salt}</dd>`
          }
        </dl>
        ${
          salt !== null &&
          html`<p class="small soft">
            Everybody else sees a commitment in its place: the SHA-256 of this salt and of what it says.
          </p>`
        }
        <p class="small row">
          <a href="/api/v1/log/proof?leaf=${index}&amp;size=${size}">Proof that it is in the log of ${size}</a>
          ${index > 0 && html`<a href="/log/${index - 1}">Before</a>`}
          ${index + 1 < size && html`<a href="/log/${index + 1}">After</a>`}
        </p>
      </div>
      <div class="stack">
        <h2>What it says</h2>
        <pre tabindex="0"><code>${prettyJson(leaf)}</code></pre>
      </div>`,
  })
}

/** JSON for people; another text as it is. */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2)
  } catch {
    return text
  }
}
