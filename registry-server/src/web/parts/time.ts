import { html, type Html } from '../html.ts'

const dayMs = 86_400_000
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** `2026-11-22`, with the whole time for those who want it. */
export function dateOf(iso: string): Html {
  return html`<time datetime="${iso}" title="${iso}">${iso.slice(0, 10)}</time>`
}

/** `3 days ago`, with the whole time for those who want it. */
export function ageOf(iso: string, now = new Date()): Html {
  return html`<time datetime="${iso}" title="${iso}">${ageText(Date.parse(iso), now.getTime())}</time>`
}

function ageText(then: number, now: number): string {
  const days = Math.floor((now - then) / dayMs)
  if (days < 30) return relative.format(-Math.max(days, 0), 'day')
  if (days < 365) return relative.format(-Math.floor(days / 30.44), 'month')
  return relative.format(-Math.floor(days / 365.25), 'year')
}
