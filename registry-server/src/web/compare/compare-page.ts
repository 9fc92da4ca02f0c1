import { capabilitySummary, type ModuleManifest } from '@ingot/manifest'
import { html, type Html, type HtmlValue } from '../html.ts'
import { page } from '../layout.ts'
import type { ModuleView } from '../module/read-module.ts'
import { scoreOf } from '../module/score.ts'
import { capabilityChips } from '../parts/capability-chips.ts'
import { bytesText } from '../parts/sizes.ts'
import { ageOf } from '../parts/time.ts'
import { trustChip } from '../parts/trust.ts'

export const comparedMax = 4

type Row = readonly [title: string, cell: (view: ModuleView) => HtmlValue]

const rows: readonly Row[] = [
  ['Newest version', ({ shown }) => html`${shown.version}, ${ageOf(shown.publishedAt)}`],
  ['Versions', ({ lines }) => lines.length],
  ['Licence', ({ shown }) => shown.manifest.license],
  ['Capabilities', ({ shown }) => capabilityChips(shown.manifest)],
  ['In full', ({ shown }) => lineList(capabilitySummary(shown.manifest))],
  ['Components', ({ shown }) => lineList(shown.manifest.components.map(({ name }) => name))],
  ['Stability', ({ shown }) => stabilities(shown.manifest)],
  ['Dependencies', ({ shown }) => lineList(Object.keys(shown.manifest.dependencies))],
  ['Size', ({ shown }) => `${bytesText(shown.sizeBytes)} packed`],
  ['Publisher', ({ shown }) => trustChip(shown.trust)],
  ['Score', ({ shown }) => scoreText(shown)],
]

/** `/compare`: up to four modules beside each other. */
export function comparePage(wanted: readonly string[], views: readonly ModuleView[]): string {
  return page({
    title: 'Compare modules · Ingot registry',
    description: 'Modules beside each other.',
    search: true,
    body: html`<div class="head">
        <h1>Compare modules</h1>
        ${compareForm(wanted)}
      </div>
      <div class="stack">
        ${
          views.length < 2
            ? html`<div class="empty">
                <h2>Name two to four modules</h2>
                <p class="soft">Such as @acme/redact and @acme/geo.</p>
              </div>`
            : compareTable(views)
        }
      </div>`,
  })
}

function compareForm(wanted: readonly string[]): Html {
  const fields = Array.from({ length: comparedMax }, (_, place) => wanted[place] ?? '')
  return html`<form class="row compare" action="/compare">
    ${fields.map((name, place) => html`<input name="module" value="${name}" placeholder="@scope/name" aria-label="Module ${place + 1}" maxlength="90" />`)}
    <button class="quiet">Compare</button>
  </form>`
}

function compareTable(views: readonly ModuleView[]): Html {
  return html`<div class="scroll card" tabindex="0" role="region" aria-label="Comparison">
    <table class="compared">
      <thead>
        <tr>
          <td></td>
          ${views.map(({ name }) => html`<th scope="col"><a href="/${name}">${name}</a></th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([title, cell]) =>
            html`<tr>
              <th scope="row">${title}</th>
              ${views.map((view) => html`<td>${cell(view)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function lineList(lines: readonly string[]): Html {
  if (lines.length === 0) return html`<span class="faint">none</span>`
  return html`${lines.map((line) => html`<div class="mono path">${line}</div>`)}`
}

function stabilities({ components }: ModuleManifest): string {
  return [...new Set(components.map(({ stability }) => stability))].join(', ') || 'none'
}

function scoreText(shown: ModuleView['shown']): string {
  const factors = scoreOf(shown)
  const sum = (of: 'points' | 'of'): number => factors.reduce((total, factor) => total + factor[of], 0)
  return `${sum('points')} of ${sum('of')}`
}
