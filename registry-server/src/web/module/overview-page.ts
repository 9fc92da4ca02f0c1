import { integrityOfHex } from '@ingot/trust'
import { html, type Html } from '../html.ts'
import { renderMarkdown } from '../markdown.ts'
import { bytesText } from '../parts/sizes.ts'
import { dateOf } from '../parts/time.ts'
import { trustChip } from '../parts/trust.ts'
import { moduleFrame } from './module-frame.ts'
import { pathOf, type ModuleView } from './read-module.ts'
import { scoreSection } from './score-section.ts'
import { useSection } from './use-section.ts'

/** `/@s/n`: what a module is, and how it is used. */
export function overviewPage(view: ModuleView): string {
  const { readme } = view.shown
  return moduleFrame(
    view,
    'overview',
    html`<div class="columns">
      <div class="main">
        ${useSection(view)} ${componentList(view)}
        <section id="readme" class="card readme" aria-label="README">
          ${readme === undefined ? html`<p class="faint">This version has no README.</p>` : html`<div class="prose">${renderMarkdown(readme)}</div>`}
        </section>
      </div>
      <aside class="side" aria-label="About ${view.name}">${facts(view)}${scoreSection(view)}${origin(view)}</aside>
    </div>`,
  )
}

function componentList(view: ModuleView): Html | undefined {
  const { components, configs } = view.shown.manifest
  const docs = `${pathOf(view)}/docs`
  if (components.length + configs.length === 0) return undefined
  return html`<section>
    <h2>Components</h2>
    <ul class="component-list">
      ${components.map(({ name, summary }) => html`<li><a class="mono" href="${docs}#${name}">${name}</a> <span class="soft">${summary}</span></li>`)}
      ${configs.map((file) => html`<li><a class="mono" href="${pathOf(view)}/files/${file}">${file}</a> <span class="soft">configuration</span></li>`)}
    </ul>
  </section>`
}

function facts({ shown }: ModuleView): Html {
  const { source } = shown.manifest
  return html`<section>
    <h2>Facts</h2>
    <dl>
      <dt>Licence</dt>
      <dd>${shown.manifest.license}</dd>
      <dt>Published</dt>
      <dd>${dateOf(shown.publishedAt)}</dd>
      <dt>By</dt>
      <dd>${shown.publisher} ${trustChip(shown.trust)}</dd>
      <dt>Size</dt>
      <dd class="number">${bytesText(shown.sizeBytes)} packed, ${bytesText(shown.unpackedBytes)} unpacked</dd>
      ${
        source !== undefined &&
        html`<dt>Source</dt>
          <dd><a href="${source}" rel="nofollow ugc noopener">${source.replace(/^https:\/\//, '')}</a></dd>`
      }
    </dl>
  </section>`
}

function origin({ name, shown }: ModuleView): Html {
  const base = `/m/${name}/${shown.version}`
  return html`<section>
    <h2>Integrity</h2>
    <p class="digest mono">${integrityOfHex('sha512', shown.sha512)}</p>
    <p class="small row">
      <a href="/${name}/${shown.version}/provenance">Provenance</a><a href="${base}/manifest.json">Manifest</a
      ><a href="/blobs/sha512/${shown.sha512}">Download</a>
    </p>
  </section>`
}
