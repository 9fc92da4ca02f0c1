import { isUtf8 } from 'node:buffer'
import { encodePath } from '../../answers/encode-path.ts'
import type { Highlighter } from '../../files/highlighter.ts'
import type { ModuleFiles } from '../../files/module-files.ts'
import { Problem } from '../../problem.ts'
import { html } from '../html.ts'
import { renderMarkdown } from '../markdown.ts'
import { bytesText } from '../parts/sizes.ts'
import { moduleFrame } from './module-frame.ts'
import { pathOf, type ModuleView } from './read-module.ts'
import { sourceLines } from './source-lines.ts'

/** `/@s/n/files/<path>`: one file, line by line. @throws Problem `not_found` */
export async function filePage(
  view: ModuleView,
  path: string,
  files: ModuleFiles,
  highlighter: Highlighter,
): Promise<string> {
  const file = view.shown.files.find((each) => each.path === path)
  const bytes = file && (await files.read(view.shown.sha512, path))
  if (!file || !bytes) throw new Problem('not_found', `Cannot find "${path}" in ${view.name} ${view.shown.version}`)
  const text = isUtf8(bytes) && !bytes.includes(0) ? Buffer.from(bytes).toString() : undefined
  const markup = text === undefined ? undefined : await highlighter.highlight(file.sha256, path, text)
  return moduleFrame(
    view,
    'files',
    html`<div class="stack">
      <div class="row between">
        <h2 class="mono path"><a href="${pathOf(view)}/files">files</a> / ${path}</h2>
        <span class="small faint row"
          ><span>${bytesText(file.sizeBytes)}</span
          ><a href="/${view.name}/${view.shown.version}/files/${encodePath(path)}">permalink</a></span
        >
      </div>
      <p class="digest mono">sha256 ${file.sha256}</p>
      ${
        text !== undefined &&
        path.endsWith('.md') &&
        html`<details class="card readme">
          <summary>Rendered</summary>
          <div class="prose">${renderMarkdown(text.slice(0, 200_000))}</div>
        </details>`
      }
      ${text === undefined ? html`<p class="soft">This file is not text.</p>` : sourceLines(text, markup)}
    </div>`,
  )
}
