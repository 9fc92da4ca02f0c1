import type { IndexLine } from '@ingot/manifest'
import { major } from 'semver'
import { html, type Html } from '../html.ts'
import { deltaChips } from '../parts/capability-chips.ts'
import { bytesText, countText } from '../parts/sizes.ts'
import { ageOf } from '../parts/time.ts'
import { trustChip } from '../parts/trust.ts'
import { moduleFrame } from './module-frame.ts'
import type { ModuleView } from './read-module.ts'

/** Versions that one page lists; the index has them all. */
const versionsShownMax = 500

/** `/@s/n/versions`: all of them by major, with what each changed about powers. */
export function versionsPage(view: ModuleView): string {
  const shown = view.lines.slice(0, versionsShownMax)
  const majors = new Map<number, IndexLine[]>()
  for (const line of shown) majors.set(major(line.v), [...(majors.get(major(line.v)) ?? []), line])
  const rest = view.lines.length - shown.length
  return moduleFrame(
    view,
    'versions',
    html`<div class="stack">
      ${compareForm(view)}
      ${[...majors].map(
        ([number, lines]) =>
          html`<section class="stack">
            <h2>${number}.x <span class="small faint">${countText(lines.length, 'version')}</span></h2>
            <ul class="version-list card">
              ${lines.map((line) => versionRow(view, line))}
            </ul>
          </section>`,
      )}
      ${rest > 0 && html`<p class="soft">${countText(rest, 'older version')} in the <a href="/index/${view.name}.ndjson">index</a>.</p>`}
    </div>`,
  )
}

function versionRow({ name, latest, shown }: ModuleView, line: IndexLine): Html {
  const reason = typeof line['reason'] === 'string' ? line['reason'] : undefined
  return html`<li class="${line.status === 'active' ? '' : 'withdrawn'}">
    <a class="version" href="/${name}/${line.v}" ${line.v === shown.version && html`aria-current="true"`}>${line.v}</a>
    <span class="row tight">
      ${line.v === latest && html`<span class="chip info">latest</span>`}
      ${line.status !== 'active' && html`<span class="chip bad">${line.status}</span>`} ${trustChip(line.trust)}
      ${deltaChips(line.caps.delta)}
    </span>
    <span class="facts small faint number"
      ><span>${bytesText(line.size)}</span> <span>${ageOf(line.published)}</span></span
    >
    ${reason !== undefined && html`<p class="small soft">${reason}</p>`}
  </li>`
}

/** Two versions beside each other. */
function compareForm({ name, lines, shown }: ModuleView): Html | undefined {
  if (lines.length < 2) return undefined
  const place = lines.findIndex(({ v }) => v === shown.version)
  const before = (lines[place + 1] ?? lines[place - 1])?.v
  const options = (chosen: string | undefined): Html[] =>
    lines.slice(0, versionsShownMax).map(({ v }) => html`<option ${v === chosen && html`selected`}>${v}</option>`)
  return html`<form class="row compare" action="/${name}/diff">
    <label
      >Compare
      <select name="from">
        ${options(before)}
      </select></label
    >
    <label
      >with
      <select name="to">
        ${options(shown.version)}
      </select></label
    >
    <button class="quiet">Show what changed</button>
  </form>`
}
