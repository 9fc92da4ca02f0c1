import { integrityOfHex } from '@ingot/trust'
import { html, type Html } from '../html.ts'
import { bytesText } from '../parts/sizes.ts'
import { dateOf } from '../parts/time.ts'
import { sparkline } from '../parts/sparkline.ts'
import { trustChip } from '../parts/trust.ts'
import { moduleFrame } from './module-frame.ts'
import type { Downloads } from './read-downloads.ts'
import { pathOf, type ModuleView } from './read-module.ts'
import { scoreSection } from './score-section.ts'
import { useSection } from './use-section.ts'

export interface OverviewContent {
  readonly downloads: Downloads
  readonly readme: Html | undefined
}

/** `/@s/n`: what a module is, and how it is used. */
export function overviewPage(view: ModuleView, { downloads, readme }: OverviewContent): string {
  return moduleFrame(
    view,
    'overview',
    html`<div class="columns">
      <div class="main">
        ${useSection(view)} ${componentList(view)}
        <section id="readme" class="card readme" aria-label="README">
          ${readme === undefined ? html`<p class="faint">This version has no README.</p>` : html`<div class="prose">${readme}</div>`}
        </section>
      </div>
      <aside class="side" aria-label="About ${view.name}">
        ${facts(view)}${downloadsSection(downloads)}${scoreSection(view)}${origin(view)}
      </aside>
    </div>`,
  )
}

function componentList(view: ModuleView): Html | undefined {
  const { components, functions, configs } = view.shown.manifest
  const docs = `${pathOf(view)}/docs`
  if (components.length + functions.length + configs.length === 0) return undefined
  return html`<section>
    <h2>Components</h2>
    <ul class="component-list">
      ${components.map(({ name, summary }) => html`<li><a class="mono" href="${docs}#${name}">${name}</a> <span class="soft">${summary}</span></li>`)}
      ${functions.map(({ name, summary }) => html`<li><a class="mono" href="${docs}#${name}">${name}()</a> <span class="soft">${summary}</span></li>`)}
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

function downloadsSection({ days, counts }: Downloads): Html {
  const total = counts.reduce((sum, count) => sum + count, 0)
  return html`<section>
    <h2>Downloads</h2>
    <p>
      <strong class="number">${total.toLocaleString('en-US')}</strong> <span class="small faint">in ${days} days</span>
    </p>
    ${total > 0 && sparkline(counts, `Downloads of each of the last ${days} days`)}
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
