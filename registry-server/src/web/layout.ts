import { assets } from './assets.ts'
import { html, type Html } from './html.ts'

export interface PageOptions {
  readonly title: string
  readonly description: string
  /** The search box of the top: left out where the page has its own. */
  readonly search: boolean
  readonly body: Html
}

/** A whole page. */
export function page(options: PageOptions): string {
  const { title, description, body } = options
  return `<!doctype html>\n${
    html`<html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <meta name="description" content="${description}" />
        <link rel="icon" href="${assets.icon.path}" />
        <link rel="stylesheet" href="${assets.css.path}" />
        <script src="${assets.js.path}" defer></script>
      </head>
      <body>
        <header class="top">
          <div class="wrap">
            <a class="brand" href="/">${brandMark} Ingot <span class="faint">registry</span></a>
            ${options.search && searchForm('')}
          </div>
        </header>
        <main class="wrap">${body}</main>
        <footer class="foot">
          <div class="wrap">
            Modules for the Ingot collector. What a module may do is stated on its page and enforced where it runs.
          </div>
        </footer>
      </body>
    </html> `.text
  }`
}

export function searchForm(query: string): Html {
  return html`<form class="search" action="/" role="search">
    <input
      type="search"
      name="q"
      value="${query}"
      placeholder="Search modules"
      aria-label="Search modules"
      maxlength="200"
    />
    <button>Search</button>
  </form>`
}

/** `2026-11-22`, with the whole time for those who want it. */
export function dateOf(iso: string): Html {
  return html`<time datetime="${iso}" title="${iso}">${iso.slice(0, 10)}</time>`
}

const brandMark = html`<svg viewBox="0 0 32 32" aria-hidden="true">
  <path fill="#e8590c" d="M8 9h16l5 14H3z" />
  <path fill="#ffa94d" d="M8 9h16l-3.2 6H11.2z" />
</svg>`
