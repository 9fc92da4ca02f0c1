import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export interface Asset {
  readonly path: string
  readonly type: string
  readonly text: string
  /** The path with a digest of the content. */
  readonly address: string
}

/** What pages load beside their own markup. */
export const assets = {
  style: asset('style.css', 'text/css; charset=utf-8'),
  script: asset('live.js', 'text/javascript; charset=utf-8'),
  icon: asset('icon.svg', 'image/svg+xml'),
} as const

function asset(name: string, type: string): Asset {
  const text = readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8')
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return { path: `/ui/${name}`, type, text, address: `/ui/${name}?v=${digest}` }
}
