import { html, type Html } from '../html.ts'

/** How the publisher of a version was known (registry.md §3). */
export const trustTexts = [
  ['token', 'published with a token'],
  ['second factor', 'published by a person with a second factor'],
  ['trusted publisher', 'published by a build that the scope trusts'],
  ['approved', 'published by a trusted build and approved by a person'],
] as const

export function trustChip(trust: number): Html {
  const [word, sentence] = trustTexts[trust] ?? trustTexts[0]
  return html`<span class="chip ${trust >= 2 ? 'good' : trust === 1 ? 'info' : ''}" title="${sentence}">${word}</span>`
}
