import { capabilityDocument } from '@ingot/manifest'
import { html, type Html } from '../html.ts'
import { moduleFrame } from './module-frame.ts'
import { powersList } from './powers-list.ts'
import type { ModuleView } from './read-module.ts'

/** `/@s/n/capabilities`: what the version may do and why, and what was different before. */
export function capabilitiesPage(view: ModuleView): string {
  return moduleFrame(
    view,
    'capabilities',
    html`<div class="stack">
      <section class="stack">
        <h2>What it may do</h2>
        <p class="soft">
          Only this, and of this only what arguments name or a <code>grant</code> block allows. The reasons are the
          author's.
        </p>
        ${powersList(capabilityDocument(view.shown.manifest))}
      </section>
      ${deltaSection(view)}
    </div>`,
  )
}

function deltaSection({ name, line }: ModuleView): Html {
  const { delta } = line.caps
  if (!delta) return html`<p class="soft">This is the lowest version: there is nothing to compare it with.</p>`
  const changed = delta.added.length + delta.removed.length > 0
  return html`<section class="stack">
    <h2>Compared with ${delta.base}</h2>
    ${
      changed
        ? html`<ul class="changes mono">
            ${delta.added.map((power) => html`<li class="added">+ ${power}</li>`)}
            ${delta.removed.map((power) => html`<li class="removed">− ${power}</li>`)}
          </ul>`
        : html`<p class="soft">It may do the same as before, no more and no less.</p>`
    }
    <p class="small">
      <a href="/${name}/diff/${delta.base}...${line.v}">Everything that changed since ${delta.base}</a>
    </p>
  </section>`
}
