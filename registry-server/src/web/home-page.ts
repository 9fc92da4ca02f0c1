import { capabilityDocument, reachesOutside, type SearchAnswer, type SearchItem } from '@ingot/manifest'
import { html, type Html } from './html.ts'
import { dateOf, page, searchForm } from './layout.ts'

export interface HomeContent extends SearchAnswer {
  readonly query: string
}

/** `/`: the modules, all of them or those that are searched for. */
export function homePage(content: HomeContent): string {
  const { query, total, items } = content
  return page({
    title: query === '' ? 'Ingot registry' : `${query} · Ingot registry`,
    description: 'Modules for the Ingot telemetry collector.',
    search: false,
    body: html`<section class="hero">
        <h1>Modules for your pipelines</h1>
        <p class="soft">
          Components for metrics, logs and traces. Each says what it takes, what it gives and what it may touch, before
          you run it.
        </p>
        ${searchForm(query)}
      </section>
      <p class="count small faint" role="status">${countText(total, query)}</p>
      <ul class="results">
        ${items.map(result)}
      </ul>
      ${nextLink(content)}`,
  })
}

function result({ name, version, description, components, license, capabilities, publishedAt }: SearchItem): Html {
  const names = components.join(', ')
  const powers = [...new Set(capabilities.map((line) => line.split(' ')[0]!))]
  return html`<li class="result card">
    <div class="row">
      <h2><a href="/${name}">${name}</a></h2>
      <span class="chip">${version}</span>${powerChips(powers)}
    </div>
    <p>${description}</p>
    <p class="small faint row">
      <span>${names === '' ? 'configuration only' : html`<span class="mono">${names}</span>`}</span
      ><span>${license}</span><span>${dateOf(publishedAt)}</span>
    </p>
  </li>`
}

/** At a glance: does it need anything at all? */
export function capabilityChips(manifest: Parameters<typeof capabilityDocument>[0]): Html {
  return powerChips(Object.keys(capabilityDocument(manifest)))
}

function powerChips(names: readonly string[]): Html {
  if (names.length === 0) return html`<span class="chip good">asks for nothing</span>`
  return html`${names.map((name) => html`<span class="chip ${reachesOutside(name) && 'warn'}">${name}</span>`)}`
}

function countText(total: number, query: string): string {
  const modules = total === 1 ? '1 module' : `${total} modules`
  if (query === '') return total === 0 ? 'No module has been published yet' : modules
  return total === 0 ? `No module matches “${query}”` : `${modules} for “${query}”`
}

function nextLink({ query, next }: HomeContent): Html | undefined {
  if (next === null) return undefined
  return html`<p class="note"><a href="/?q=${encodeURIComponent(query)}&amp;cursor=${next}">More modules</a></p>`
}
