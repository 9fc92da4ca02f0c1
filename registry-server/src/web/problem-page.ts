import type { Problem } from '../problem.ts'
import { html } from './html.ts'
import { page } from './layout.ts'

/** What a person sees instead of a problem document. */
export function problemPage(problem: Problem): string {
  const { title } = problem.document()
  return page({
    title: `${title} · Ingot registry`,
    description: title,
    search: true,
    body: html`<div class="note head">
      <h1>${title}</h1>
      <p class="soft">${problem.message}</p>
      <p><a href="/">All modules</a></p>
    </div>`,
  })
}
