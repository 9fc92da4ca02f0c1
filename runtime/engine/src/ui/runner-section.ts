import type { ComponentDetail, RunnerDetail } from '../http/view.ts'
import { html, type Html } from './html.ts'
import { number } from './page.ts'

/** What happened to the component's runners: kills, lost isolates, quarantine, and the batches that were set aside. */
export function runnerSection({ runner }: ComponentDetail, id: string, prefix: string): Html | undefined {
  if (!runner) return undefined
  const { kills, isolateLosses, quarantined, batches } = runner
  return html`<section>
    <h2>Runner</h2>
    ${quarantined === undefined ? undefined : quarantineNotice(quarantined, id, prefix)}
    <p>
      ${reasons('Runners killed', kills)}. ${reasons('Isolates replaced', isolateLosses)}.
      ${batches.total === 0 ? 'No batches set aside.' : undefined}
    </p>
    ${batches.total === 0 ? undefined : batchTable(batches)}
  </section>`
}

/** Why nothing of a module runs, and how it does again. */
export function quarantineNotice(reason: string, id: string, prefix: string): Html {
  return html`<form method="post" action="${prefix}/api/v0/ingot/components/${id}/resume">
    <p>
      <span class="health unhealthy">quarantined</span> ${reason}. Nothing of it runs until it is resumed.
      <button type="submit">Resume</button>
    </p>
  </form>`
}

function reasons(what: string, counts: Readonly<Record<string, number>>): Html {
  const entries = Object.entries(counts)
  if (entries.length === 0) return html`${what}: none`
  return html`${what}:
  ${entries.map(([reason, count], i) => html`${i > 0 ? ', ' : ''}${number(count)} for <code>${reason}</code>`)}`
}

function batchTable({ total, newest }: RunnerDetail['batches']): Html {
  return html`<p>
      ${number(total)} ${total === 1 ? 'batch' : 'batches'} set
      aside${total > newest.length ? html`, the newest ${number(newest.length)}` : undefined}:
    </p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>At</th>
            <th>To</th>
            <th class="n">Records</th>
            <th>Why</th>
            <th>File</th>
          </tr>
        </thead>
        <tbody>
          ${newest.map(
            ({ at, port, count, reason, file }) =>
              html`<tr>
                <td><time>${at}</time></td>
                <td>${port}</td>
                <td class="n">${number(count)}</td>
                <td>${reason}</td>
                <td><code>${file}</code></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`
}
