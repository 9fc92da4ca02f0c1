import { encodePath } from '../../answers/encode-path.ts'
import { html } from '../html.ts'
import { bytesText, countText } from '../parts/sizes.ts'
import { moduleFrame } from './module-frame.ts'
import { pathOf, type ModuleView } from './read-module.ts'

/** `/@s/n/files`: what is in the packed module. */
export function filesPage(view: ModuleView): string {
  const { files, unpackedBytes } = view.shown
  const base = `${pathOf(view)}/files`
  return moduleFrame(
    view,
    'files',
    html`<div class="stack">
      <p class="soft">${countText(files.length, 'file')}, ${bytesText(unpackedBytes)}.</p>
      <div class="scroll card" tabindex="0" role="region" aria-label="Files">
        <table class="file-list">
          <thead>
            <tr>
              <th scope="col">Path</th>
              <th scope="col">Size</th>
              <th scope="col">SHA-256</th>
            </tr>
          </thead>
          <tbody>
            ${files.map(
              ({ path, sha256, sizeBytes }) =>
                html`<tr>
                  <td><a class="mono" href="${base}/${encodePath(path)}">${path}</a></td>
                  <td class="number">${bytesText(sizeBytes)}</td>
                  <td class="mono faint" title="${sha256}">${sha256.slice(0, 16)}…</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </div>`,
  )
}
