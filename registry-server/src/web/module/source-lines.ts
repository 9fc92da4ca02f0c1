import { Html, html } from '../html.ts'

/** Lines that a page shows; longer files are for downloading. */
const linesMax = 20_000
const charactersMax = 512 * 1024

/** A text with numbered lines to link to. `markup` is the same text, escaped and coloured. */
export function sourceLines(text: string, markup: string | undefined): Html {
  const shown = text.slice(0, charactersMax)
  const all = markup === undefined || shown.length < text.length ? plainLines(shown) : colouredLines(markup)
  const lines = all.at(-1)?.text === '' ? all.slice(0, -1) : all
  const cut = shown.length < text.length || lines.length > linesMax
  return html`<div class="source" tabindex="0" role="region" aria-label="Content">
      <table>
        <tbody>
          ${lines
            .slice(0, linesMax)
            .map(
              (line, place) =>
                new Html(
                  `<tr id="L${place + 1}"><td><a href="#L${place + 1}" aria-label="Line ${place + 1}">${place + 1}</a></td><td><code>${line.text}</code></td></tr>`,
                ),
            )}
        </tbody>
      </table>
    </div>
    ${cut && html`<p class="banner warn" role="note">The file is longer than what is shown here.</p>`}`
}

function plainLines(text: string): Html[] {
  return text.split('\n').map((line) => html`${line}`)
}

/** Cuts coloured markup into lines; what is open at the end of one is closed there and opened again in the next. */
function colouredLines(markup: string): Html[] {
  const open: string[] = []
  return markup.split('\n').map((line) => {
    const before = open.join('')
    for (const [tag] of line.matchAll(/<span class="[^"]*">|<\/span>/g)) {
      if (tag === '</span>') open.pop()
      else open.push(tag)
    }
    return new Html(`${before}${line}${'</span>'.repeat(open.length)}`)
  })
}
