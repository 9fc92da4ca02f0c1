import { createHash } from 'node:crypto'
import { themeCss } from '@ingot/manifest/theme'
import { siteCss } from './site-css.ts'
import { siteJs } from './site-js.ts'

export interface Asset {
  /** Changes with the content, so that it may be cached for ever. */
  readonly path: string
  readonly type: string
  readonly content: string
}

const mark = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#e8590c" d="M8 9h16l5 14H3z"/><path fill="#ffa94d" d="M8 9h16l-3.2 6H11.2z"/></svg>`

export const assets = {
  css: asset('site', 'css', 'text/css', themeCss + siteCss),
  js: asset('site', 'js', 'text/javascript', siteJs),
  icon: asset('mark', 'svg', 'image/svg+xml', mark),
}

function asset(name: string, extension: string, type: string, content: string): Asset {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16)
  return { path: `/assets/${name}-${hash}.${extension}`, type: `${type}; charset=utf-8`, content }
}
