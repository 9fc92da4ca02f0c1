import type { Dependent } from '../../storage/meta/dependency-store.ts'
import { html } from '../html.ts'
import { countText } from '../parts/sizes.ts'
import { moduleFrame } from './module-frame.ts'
import type { ModuleView } from './read-module.ts'

/** `/@s/n/dependents`: who brings this module along. */
export function dependentsPage(view: ModuleView, found: { total: number; items: readonly Dependent[] }): string {
  const { total, items } = found
  return moduleFrame(
    view,
    'dependents',
    total === 0
      ? html`<div class="empty">
          <h2>Nobody depends on it yet</h2>
          <p class="soft">No module of this registry names ${view.name} among its dependencies.</p>
        </div>`
      : html`<div class="stack">
          <p class="soft">
            ${countText(total, 'module')} of this registry ${total === 1 ? 'depends' : 'depend'} on
            it${items.length < total && html`; the first ${items.length} of them`}.
          </p>
          <ul class="plain-list card">
            ${items.map(
              ({ name, version, range }) =>
                html`<li class="row">
                  <a href="/${name}"><strong>${name}</strong></a> <span class="chip">${version}</span>
                  <span class="small faint">wants ${range}</span>
                </li>`,
            )}
          </ul>
        </div>`,
  )
}
