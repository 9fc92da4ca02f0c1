import { html } from '../html.ts'

const colors = { good: '#1f7a4d', bad: '#b3261e' } as const
/** Of the small sans-serif type that a badge is set in. */
const characterWidth = 6.6
const padding = 7

/** Two words beside each other, as an image. */
export function badge(label: string, value: string, color: keyof typeof colors): string {
  const [left, right] = [label, value].map((text) => Math.round(text.length * characterWidth) + 2 * padding) as [
    number,
    number,
  ]
  const width = left + right
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    width="${width}"
    height="20"
    role="img"
    aria-label="${label}: ${value}"
  >
    <title>${label}: ${value}</title>
    <rect width="${width}" height="20" rx="4" fill="#3a342c" />
    <path d="M${left} 0h${right - 4}a4 4 0 0 1 4 4v12a4 4 0 0 1-4 4H${left}z" fill="${colors[color]}" />
    <g font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" fill="#fff">
      <text x="${padding}" y="14">${label}</text>
      <text x="${left + padding}" y="14">${value}</text>
    </g>
  </svg> `.text
}
