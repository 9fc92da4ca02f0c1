import { html } from '../html.ts'
import { componentSection } from './component-section.ts'
import { functionSection } from './function-section.ts'
import { moduleFrame } from './module-frame.ts'
import { pathOf, type ModuleView } from './read-module.ts'
import { namespaceOf } from './use-section.ts'

/** `/@s/n/docs`: every component's arguments, blocks and exports, from their schemas. */
export function docsPage(view: ModuleView): string {
  const { components, functions, configs } = view.shown.manifest
  const parts = [...components, ...functions]
  const namespace = namespaceOf(view.name)
  const list = html`<nav class="contents" aria-label="Components and functions">
    <ul>
      ${parts.map(({ name }) => html`<li><a class="mono" href="#${name}">${name}</a></li>`)}
    </ul>
  </nav>`
  return moduleFrame(
    view,
    'docs',
    html`<div class="${parts.length > 1 ? 'with-contents' : 'stack'}">
      ${parts.length > 1 && list}
      <div class="stack">
        ${components.map((component) => componentSection(component, namespace))}${functions.map((each) => functionSection(each, namespace))}
        ${
          configs.length > 0 &&
          html`<section class="card component">
            <h2>Configurations</h2>
            <p class="row">
              ${configs.map((file) => html`<a class="mono" href="${pathOf(view)}/files/${file}">${file}</a>`)}
            </p>
          </section>`
        }
      </div>
    </div>`,
  )
}
