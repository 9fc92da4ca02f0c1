import { html, type Html } from '../html.ts'

const height = 40
/** From one value to the next. */
const step = 8
/** Half of the line's width, so that it is not cut off at the edges. */
const margin = 1

/** Numbers as a small line over its area: their course at a glance, and in words the least and the most. */
export function sparkline(values: readonly number[], label: string): Html {
  const most = Math.max(...values, 1)
  const width = (values.length - 1) * step
  const points = values.map(
    (value, place) => `${place * step},${(height - margin - (value / most) * (height - 2 * margin)).toFixed(1)}`,
  )
  const text = `${label}: from ${Math.min(...values)} to ${most}`
  return html`<svg
    class="sparkline"
    viewBox="0 0 ${width} ${height}"
    preserveAspectRatio="none"
    role="img"
    aria-label="${text}"
  >
    <polygon points="0,${height} ${points.join(' ')} ${width},${height}" />
    <polyline points="${points.join(' ')}" />
  </svg>`
}
