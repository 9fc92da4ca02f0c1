import { Html, html } from '../html.ts'

/** Strokes on a grid of 16: drawn with the colour of the text around them. */
const strokes = {
  network:
    'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M1.5 8h13M8 1.5c2 2 2.6 4.2 2.6 6.5S10 12.5 8 14.5C6 12.5 5.4 10.3 5.4 8S6 3.5 8 1.5',
  file: 'M4 1.5h5l3.5 3.5v9.5h-8.5zM9 1.5v3.5h3.5',
  key: 'M10.5 2a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M8 8l-6 6M4 12l1.5 1.5M5.5 10.5l1.5 1.5',
  program: 'M1.5 2.5h13v11h-13zM4 6l2 2-2 2M8 10.5h4',
  host: 'M2 2.5h12v8h-12zM6 13.5h4M8 10.5v3',
  clock: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M8 4.5v3.5l2.5 1.5',
  shield: 'M8 1.5l5.5 2v4c0 3.5-2.3 5.9-5.5 7-3.2-1.1-5.5-3.5-5.5-7v-4zM5.5 8l2 2 3-3.5',
  tag: 'M1.5 1.5h6l7 7-6 6-7-7zM4.8 4.8h.01',
  copy: 'M5.5 5.5h9v9h-9zM3 10.5h-1.5v-9h9v1.5',
} as const

export type IconName = keyof typeof strokes

/** A sign beside words that say the same, so readers of screens pass over it. */
export function icon(name: IconName): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="${strokes[name]}" /></svg>`
}

const capabilityIcons: Readonly<Record<string, IconName>> = {
  'http.request': 'network',
  'net.connect': 'network',
  'http.serve': 'network',
  'net.listen': 'network',
  docker: 'network',
  kubernetes: 'network',
  'fs.read': 'file',
  'fs.watch': 'file',
  'fs.write': 'file',
  'env.read': 'key',
  'secret.use': 'key',
  exec: 'program',
  'host.stats': 'host',
}

/** What kind of thing a capability reaches. */
export function capabilityIcon(capability: string): Html {
  return icon(capabilityIcons[capability] ?? 'clock')
}
