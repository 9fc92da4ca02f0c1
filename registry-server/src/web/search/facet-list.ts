import { noCapability, searchFacets, type SearchAnswer, type SearchFacet } from '@ingot/manifest'
import { html, type Html } from '../html.ts'
import { trustTexts } from '../parts/trust.ts'

/** Values that a facet shows before one asks for more. */
const valuesShownMax = 6

const titles: Readonly<Record<SearchFacet, string>> = {
  signal: 'Signal',
  kind: 'Kind of component',
  capability: 'Capability',
  component: 'Component',
  license: 'Licence',
  trust: 'Publisher',
}

/** What the results can be narrowed by: boxes of the search form. */
export function facetList(facets: SearchAnswer['facets'], form: string): Html {
  return html`${searchFacets.map((facet) => facetGroup(facet, facets[facet], form))}`
}

function facetGroup(facet: SearchFacet, counts: SearchAnswer['facets'][SearchFacet], form: string): Html | undefined {
  if (counts.length === 0) return undefined
  const sorted = [...counts].sort((a, b) => Number(b.selected) - Number(a.selected))
  const box = ({ value, count, selected }: (typeof counts)[number]): Html =>
    html`<label class="facet"
      ><input type="checkbox" name="${facet}" value="${value}" form="${form}" ${selected && html`checked`} />
      <span class="${facet === 'capability' || facet === 'component' ? 'mono' : ''}">${valueText(facet, value)}</span>
      <span class="count">${count}</span></label
    >`
  const [shown, more] = [sorted.slice(0, valuesShownMax), sorted.slice(valuesShownMax)]
  return html`<fieldset>
    <legend class="eyebrow">${titles[facet]}</legend>
    ${shown.map(box)}
    ${
      more.length > 0 &&
      html`<details>
        <summary class="small">${more.length} more</summary>
        ${more.map(box)}
      </details>`
    }
  </fieldset>`
}

function valueText(facet: SearchFacet, value: string): string {
  if (facet === 'trust') return trustTexts[Number(value)]?.[0] ?? value
  return facet === 'capability' && value === noCapability ? 'asks for none' : value
}
