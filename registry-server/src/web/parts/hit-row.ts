import type { SearchItem } from '@ingot/manifest'
import { html, type Html, type HtmlValue } from '../html.ts'
import { capabilityNameChips } from './capability-chips.ts'
import { capabilityNames } from './capability-names.ts'
import { ageOf } from './time.ts'
import { trustChip } from './trust.ts'

/** Components that a row names; the module's page has them all. */
const namesShownMax = 6

/** One module of a list: all that decides whether one opens its page. */
export function hitRow(item: SearchItem): Html {
  const { name, version, components, license, trust, status, capabilities, publishedAt } = item
  const names = components.slice(0, namesShownMax)
  const more = components.length - names.length
  return html`<li class="hit">
    <div class="row">
      <h3><a href="/${name}">${marked(item, 'name') ?? name}</a></h3>
      <span class="chip">${version}</span>
      ${trust >= 1 && trustChip(trust)} ${status !== 'active' && html`<span class="chip bad">${status}</span>`}
    </div>
    <p>${marked(item, 'description') ?? item.description}</p>
    ${excerpt(item)}
    <div class="row small faint">
      ${capabilityNameChips(capabilityNames(capabilities))}
      <span
        >${names.length === 0 ? 'configuration only' : html`<span class="mono">${names.join(', ')}</span>`}${more > 0 && ` and ${more} more`}</span
      >
      <span>${license}</span><span>${ageOf(publishedAt)}</span>
    </div>
  </li>`
}

/** A passage of the README, where nothing better tells why the module was found. */
function excerpt(item: SearchItem): Html | undefined {
  if (item.highlights.some(({ field }) => field !== 'readme')) return undefined
  const passage = marked(item, 'readme')
  return passage === undefined ? undefined : html`<p class="small excerpt">${passage}</p>`
}

function marked({ highlights }: SearchItem, field: string): HtmlValue {
  const found = highlights.find((highlight) => highlight.field === field)
  return found?.parts.map(({ text, match }) => (match ? html`<mark>${text}</mark>` : text))
}
