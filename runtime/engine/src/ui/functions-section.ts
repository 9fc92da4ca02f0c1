import type { LiveFunctions, LiveSnapshot } from '../http/view.ts'
import { html, type Html } from './html.ts'
import { number } from './page.ts'
import { quarantineNotice } from './runner-section.ts'

/** Modules whose functions expressions call; nothing without any. */
export function functionsSection({ functions }: LiveSnapshot, prefix: string): Html | undefined {
  if (functions.length === 0) return undefined
  return html`<section aria-labelledby="functions">
    <h2 id="functions">Functions</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Import</th>
            <th>Functions</th>
            <th>Module</th>
            <th>Runs in</th>
            <th class="n">Calls</th>
            <th class="n">Failed</th>
            <th class="n">Runners killed</th>
          </tr>
        </thead>
        <tbody>
          ${functions.map((one) => row(one, prefix))}
        </tbody>
      </table>
    </div>
  </section>`
}

function row({ id, names, module, room, calls, failed, runner }: LiveFunctions, prefix: string): Html {
  const killed = Object.values(runner?.kills ?? {}).reduce((sum, count) => sum + count, 0)
  return html`<tr>
    <th scope="row">
      ${id}${runner?.quarantined === undefined ? undefined : quarantineNotice(runner.quarantined, id, prefix)}
    </th>
    <td>${names.join(', ')}</td>
    <td class="quiet">${module}</td>
    <td class="quiet">${room === 'runner' ? 'runner' : 'lane of functions'}</td>
    <td class="n">${number(calls)}</td>
    <td class="n">${number(failed)}</td>
    <td class="n">${number(killed)}</td>
  </tr>`
}
