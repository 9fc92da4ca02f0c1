import { searchFacets, searchSort, type SearchAnswer, type SearchParameters } from '@ingot/manifest'
import { assets } from '../assets/assets.ts'
import { html, type Html } from '../html.ts'
import { page, searchForm } from '../layout.ts'
import { hitRow } from '../parts/hit-row.ts'
import { countText } from '../parts/sizes.ts'
import { facetList } from './facet-list.ts'

const formId = 'search'
const sortTexts = { relevance: 'best match', updated: 'newest', name: 'name' } as const

/** `/search`: modules by words and facets. */
export function searchPage(parameters: SearchParameters, answer: SearchAnswer): string {
  const { q, sort } = parameters
  const { total, items, facets } = answer
  const chosen = searchFacets.reduce((sum, facet) => sum + parameters[facet].length, 0)
  return page({
    title: q === '' ? 'Modules · Ingot registry' : `${q} · Ingot registry`,
    description: 'Modules for the Ingot telemetry collector.',
    search: false,
    scripts: [assets.search],
    body: html`<div class="head">
        <h1>Modules</h1>
        ${searchForm(q, formId)}
      </div>
      <div id="results" class="search-columns">
        <details class="filters" ${chosen > 0 && html`open`}>
          <summary>Filters${chosen > 0 && ` (${chosen})`}</summary>
          <div class="facets" role="group" aria-label="Filters">
            ${facetList(facets, formId)}
            <p class="row small">
              <button class="quiet" form="${formId}">Apply</button>
              ${chosen > 0 && html`<a href="/search?q=${encodeURIComponent(q)}">Clear filters</a>`}
            </p>
          </div>
        </details>
        <section class="stack" aria-label="Results">
          <div class="row between">
            <p class="small faint" role="status">${totalText(total, q)}</p>
            <label class="small soft"
              >Sort by
              <select name="sort" form="${formId}">
                ${searchSort.options.map((value) => html`<option value="${value}" ${value === sort && html`selected`}>${sortTexts[value]}</option>`)}
              </select></label
            >
          </div>
          ${
            items.length === 0
              ? emptyResults(q)
              : html`<ul class="hits card">
                  ${items.map(hitRow)}
                </ul>`
          }
          ${nextLink(parameters, answer)}
        </section>
      </div>`,
  })
}

function totalText(total: number, query: string): string {
  const modules = countText(total, 'module')
  if (query === '') return modules
  return total === 0 ? `No module matches “${query}”` : `${modules} for “${query}”`
}

function emptyResults(query: string): Html {
  return html`<div class="empty">
    <h2>Nothing here</h2>
    <p class="soft">
      ${
        query === ''
          ? 'No module is like that.'
          : 'Every word must begin a word of a name, a description or a component. Try fewer of them, or fewer filters.'
      }
    </p>
  </div>`
}

function nextLink(parameters: SearchParameters, { next }: SearchAnswer): Html | undefined {
  if (next === null) return undefined
  const facets = searchFacets.flatMap((facet) => parameters[facet].map((value): [string, string] => [facet, value]))
  const query = new URLSearchParams([['q', parameters.q], ['sort', parameters.sort], ...facets, ['cursor', next]])
  return html`<p><a class="button quiet" href="/search?${query.toString()}">More modules</a></p>`
}
