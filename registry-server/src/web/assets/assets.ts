import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { themeCss } from '@ingot/manifest/theme'

export interface Asset {
  /** Changes with the content, so that it may be cached for ever. */
  readonly path: string
  readonly type: string
  readonly content: string
}

/** What pages load beside their own markup. */
export const assets = {
  css: asset('site.css', 'text/css', themeCss),
  js: asset('site.js', 'text/javascript'),
  search: asset('search.js', 'text/javascript'),
  passkey: asset('passkey.js', 'text/javascript'),
  proof: asset('proof.js', 'text/javascript'),
  icon: asset('mark.svg', 'image/svg+xml'),
}

/** @param before what the file builds on */
function asset(file: string, type: string, before = ''): Asset {
  const content = before + readFileSync(new URL(file, import.meta.url), 'utf8')
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16)
  return { path: `/assets/${file.replace('.', `-${hash}.`)}`, type: `${type}; charset=utf-8`, content }
}
