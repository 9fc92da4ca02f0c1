import type { AuditRecord } from '../../storage/meta/audit-store.ts'
import { html, type Html } from '../html.ts'
import { subjectLink } from '../log/log-page.ts'

export interface AuditForm {
  readonly actor?: string | undefined
  readonly action?: string | undefined
  readonly scope?: string | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export interface AuditContent {
  /** The page's own address, and that of the same entries as lines of JSON. */
  readonly path: string
  readonly exportPath: string
  readonly form: AuditForm
  /** Whether one may choose a scope. */
  readonly ofAll: boolean
  readonly entries: readonly AuditRecord[]
  /** Where the next older page begins. */
  readonly older: number | undefined
}

/** Who did what, the newest first, and what to narrow it by. */
export function auditTrail({ path, exportPath, form, ofAll, entries, older }: AuditContent): Html {
  return html`<form class="row compare" action="${path}">
      ${field('actor', 'Who', form.actor, 'user:ada')}${field('action', 'What', form.action, 'publish')}
      ${ofAll && field('scope', 'Scope', form.scope, '@acme')}
      <label>From <input type="date" name="from" value="${form.from}" /></label>
      <label>To <input type="date" name="to" value="${form.to}" /></label>
      <button class="quiet">Show</button>
      <a class="small" href="${exportPath}?${queryOf(form, { format: 'ndjson' })}">All of it as NDJSON</a>
    </form>
    ${
      entries.length === 0
        ? html`<div class="empty">
            <h2>No entry is like that</h2>
            <p class="soft">Names are written in full: user:ada, token:build of redact, command line.</p>
          </div>`
        : html`<ol class="plain-list card" reversed>
            ${entries.map(entryRow)}
          </ol>`
    }
    ${older !== undefined && html`<p><a class="button quiet" href="${path}?${queryOf(form, { before: String(older) })}">Older entries</a></p>`}`
}

function field(name: keyof AuditForm, label: string, value: string | undefined, placeholder: string): Html {
  return html`<label
    >${label} <input name="${name}" value="${value}" placeholder="${placeholder}" maxlength="200"
  /></label>`
}

function queryOf(form: AuditForm, more: Readonly<Record<string, string>>): string {
  const given = Object.entries({ ...form, ...more }).filter((pair): pair is [string, string] => pair[1] !== undefined)
  return new URLSearchParams(given).toString()
}

function entryRow({ seq, at, actor, token, ip, action, subject, before, after }: AuditRecord): Html {
  const [about = '', ...rest] = subject.split(' ')
  return html`<li value="${seq}">
    <div class="row">
      <span class="chip">${action}</span> <span class="subject">${subjectLink(about)}</span>
      ${rest.length > 0 && html`<span class="small faint path">${rest.map(shortened).join(' ')}</span>`}
    </div>
    <p class="small faint">
      ${actor}${token !== null && ` with the token ${token}`}${ip !== '' && ` from ${ip}`},
      <time datetime="${at}">${at.slice(0, 19).replace('T', ' ')}</time>
    </p>
    ${
      (before ?? after) !== null &&
      html`<details class="small">
        <summary>What changed</summary>
        <pre tabindex="0"><code>${changeText(before, after)}</code></pre>
      </details>`
    }
  </li>`
}

/** The beginning of a digest tells it from others; the export has it whole. */
function shortened(word: string): string {
  return /^[0-9a-f]{32,}$/.test(word) ? `${word.slice(0, 16)}…` : word
}

function changeText(before: unknown, after: unknown): string {
  const shown = ([sign, value]: readonly [string, unknown]): string[] =>
    value === null ? [] : [`${sign} ${JSON.stringify(value)}`]
  return (
    [
      ['−', before],
      ['+', after],
    ] as const
  )
    .flatMap(shown)
    .join('\n')
}
