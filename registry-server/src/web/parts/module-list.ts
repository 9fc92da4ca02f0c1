import type { SearchAnswer } from '@ingot/manifest'
import { html, type Html } from '../html.ts'
import { hitRow } from './hit-row.ts'

/** One page of modules, and the way to the next. */
export function moduleList({ items, next }: Pick<SearchAnswer, 'items' | 'next'>, path: string): Html {
  if (items.length === 0) return html`<div class="empty"><h2>No module yet</h2></div>`
  return html`<ul class="hits card">
      ${items.map(hitRow)}
    </ul>
    ${next !== null && html`<p><a class="button quiet" href="${path}?${new URLSearchParams({ cursor: next }).toString()}">More modules</a></p>`}`
}
