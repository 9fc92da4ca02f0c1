import { html, type Html } from '../html.ts'
import { page, searchForm } from '../layout.ts'
import { deltaChips } from '../parts/capability-chips.ts'
import { hitRow } from '../parts/hit-row.ts'
import { countText } from '../parts/sizes.ts'
import { ageOf } from '../parts/time.ts'
import type { CapabilityChange, HomeContent } from './read-home.ts'

/** `/`: what there is, and what is new. */
export function homePage({ moduleCount, logSize, newest, capabilityChanges, mostUsed }: HomeContent): string {
  return page({
    title: 'Ingot registry',
    description: 'Modules for the Ingot telemetry collector.',
    search: false,
    feed: { path: '/feeds/all.atom', title: 'What changes in this registry' },
    body: html`<section class="hero">
        <h1>Modules for your pipelines</h1>
        <p class="soft">
          Components for metrics, logs and traces. Each says what it takes, what it gives and what it may touch, before
          you run it.
        </p>
        ${searchForm('')}
        <p class="small faint row">
          <a href="/search">${countText(moduleCount, 'module')}</a>
          <span>${html`<a href="/log">${countText(logSize, 'log entry', 'log entries')}</a>`}</span>
        </p>
      </section>
      ${
        moduleCount === 0
          ? emptyHome
          : html`<div class="columns even">
              <section class="stack">
                <h2>New and updated</h2>
                <ul class="hits card">
                  ${newest.map(hitRow)}
                </ul>
                <p class="small"><a href="/search?sort=updated">All modules, the newest first</a></p>
              </section>
              <div class="stack">
                ${mostUsed.length > 0 && mostUsedPart(mostUsed)}
                <section class="stack">
                  <h2>Changed what they may do</h2>
                  ${
                    capabilityChanges.length === 0
                      ? html`<p class="soft">No version has changed its capabilities.</p>`
                      : html`<ul class="hits card">
                          ${capabilityChanges.map(changeRow)}
                        </ul>`
                  }
                  <p class="small row">
                    <a href="/feeds/all.atom">Feed of everything</a
                    ><a href="/feeds/capability-increase.atom">Feed of what may do more</a>
                  </p>
                </section>
              </div>
            </div>`
      }`,
  })
}

function mostUsedPart(modules: HomeContent['mostUsed']): Html {
  return html`<section class="stack">
    <h2>Most used</h2>
    <ol class="plain-list card">
      ${modules.map(
        ({ name, count }) =>
          html`<li class="row between">
            <a href="/${name}"><strong>${name}</strong></a>
            <span class="small faint number">${countText(count, 'download')} in 30 days</span>
          </li>`,
      )}
    </ol>
  </section>`
}

function changeRow({ name, line }: CapabilityChange): Html {
  const { base } = line.caps.delta!
  return html`<li class="hit">
    <div class="row">
      <h3><a href="/${name}/diff/${base}...${line.v}">${name}</a></h3>
      <span class="small faint">${base} → ${line.v} · ${ageOf(line.published)}</span>
    </div>
    ${deltaChips(line.caps.delta)}
  </li>`
}

const emptyHome = html`<div class="empty">
  <h2>No module has been published yet</h2>
  <p class="soft">Make one, and publish it:</p>
  <pre tabindex="0"><code>ingot module init my-module --template transform
ingot module publish my-module --registry &lt;this address&gt;</code></pre>
</div>`
