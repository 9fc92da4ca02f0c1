import { themeCss } from '@ingot/manifest/theme'
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
  style: asset('style.css', 'text/css; charset=utf-8', themeCss),
  script: asset('live.js', 'text/javascript; charset=utf-8'),
  icon: asset('icon.svg', 'image/svg+xml'),
} as const

/** @param before what the file builds on */
function asset(name: string, type: string, before = ''): Asset {
  const text = before + readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8')
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 12)
  return { path: `/ui/${name}`, type, text, address: `/ui/${name}?v=${digest}` }
}
