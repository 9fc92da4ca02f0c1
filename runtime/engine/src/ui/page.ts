import { assets } from './assets.ts'
import { html, type Html } from './html.ts'

/** The frame that every page shares. */
export function page(title: string, prefix: string, body: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Ingot</title>
        <link rel="icon" type="image/svg+xml" href="${prefix}${assets.icon.address}" />
        <link rel="stylesheet" href="${prefix}${assets.style.address}" />
        <script src="${prefix}${assets.script.address}" data-prefix="${prefix}" defer></script>
      </head>
      <body>
        <header class="top">
          <a class="brand" href="${prefix}/"><span class="mark" aria-hidden="true"></span>Ingot</a>
          <nav><a href="${prefix}/">Components</a><a href="/metrics">Metrics</a><a href="/-/healthy">Health</a></nav>
        </header>
        <main>${body}</main>
      </body>
    </html> `
}

/** `1,234,567`. */
export function number(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}
