import { assets, type Asset } from './assets/assets.ts'
import { html, type Html } from './html.ts'

export interface PageOptions {
  readonly title: string
  readonly description: string
  /** The search box of the top: left out where the page has its own. */
  readonly search: boolean
  readonly body: Html
  /** The page's own address, for those who link to it. */
  readonly path?: string
  /** Scripts beside the one that every page has. */
  readonly scripts?: readonly Asset[]
  readonly feed?: { readonly path: string; readonly title: string }
}

/** A whole page. */
export function page(options: PageOptions): string {
  return `<!doctype html>\n${
    html`<html lang="en">
      ${head(options)}
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
          <div class="wrap">
            <a class="brand" href="/">${brandMark} Ingot <span class="faint">registry</span></a>
            ${options.search && searchForm('')}
            <nav class="places" aria-label="Registry">
              <a href="/search">Modules</a><a href="/log">Log</a><a href="/account">Account</a>
            </nav>
          </div>
        </header>
        <main class="wrap" id="main" tabindex="-1">${options.body}</main>
        ${foot}
      </body>
    </html> `.text
  }`
}

function head({ title, description, path, scripts = [], feed }: PageOptions): Html {
  return html`<head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title}</title>
    <meta name="description" content="${description}" />
    <meta property="og:site_name" content="Ingot registry" />
    <meta property="og:type" content="website" />
    <meta property="og:title" content="${title}" />
    <meta property="og:description" content="${description}" />
    ${path !== undefined && html`<meta property="og:url" content="${path}" /><link rel="canonical" href="${path}" />`}
    ${feed && html`<link rel="alternate" type="application/atom+xml" title="${feed.title}" href="${feed.path}" />`}
    <link rel="icon" href="${assets.icon.path}" />
    <link rel="stylesheet" href="${assets.css.path}" />
    ${[assets.js, ...scripts].map((script) => html`<script src="${script.path}" defer></script>`)}
  </head>`
}

/** @param id for fields that stand outside of it */
export function searchForm(query: string, id?: string): Html {
  return html`<form class="search" ${id !== undefined && html`id="${id}"`} action="/search" role="search">
    <input
      type="search"
      name="q"
      value="${query}"
      placeholder="Search modules"
      aria-label="Search modules"
      maxlength="200"
      autocomplete="off"
    />
    <button>Search</button>
  </form>`
}

const brandMark = html`<svg viewBox="0 0 32 32" aria-hidden="true">
  <path fill="#e8590c" d="M8 9h16l5 14H3z" />
  <path fill="#ffa94d" d="M8 9h16l-3.2 6H11.2z" />
</svg>`

const foot = html`<footer class="foot">
  <div class="wrap">
    <p>What a module may do is stated on its page and enforced where it runs.</p>
    <nav aria-label="More">
      <a href="/compare">Compare</a><a href="/log">Log</a><a href="/api">API</a><a href="/keys/root.json">Keys</a
      ><a href="/.well-known/ingot.json">Discovery</a>
    </nav>
  </div>
</footer>`
