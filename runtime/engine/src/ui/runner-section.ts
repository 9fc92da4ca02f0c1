import type { ComponentDetail, RunnerDetail } from '../http/view.ts'
import { html, type Html } from './html.ts'
import { number } from './page.ts'

/** What happened to the component's runners: kills, lost isolates, quarantine, and the batches that were set aside. */
export function runnerSection({ runner }: ComponentDetail, id: string, prefix: string): Html | undefined {
  if (!runner) return undefined
  const { kills, isolateLosses, quarantined, degraded, batches, deadLetters } = runner
  return html`<section>
    <h2>Runner</h2>
    ${quarantined === undefined ? undefined : quarantineNotice(quarantined, id, prefix)}
    ${degraded ? html`<p><span class="health unhealthy">degraded</span> It fails with more than a fifth of its batches.</p>` : undefined}
    ${usageTiles(runner)}
    <p>${reasons('Runners killed', kills)}. ${reasons('Isolates replaced', isolateLosses)}.</p>
    ${eventTable(runner.events)} ${batchTable('Batches set aside', batches)}
    ${batchTable('Samples of batches that it failed with', deadLetters)}
  </section>`
}

function usageTiles({ usage, endedCpuMs, endedPeakRssBytes }: RunnerDetail): Html {
  const tile = (name: string, value: string): Html =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`
  const peak = Math.max(usage?.peakRssBytes ?? 0, endedPeakRssBytes)
  return html`<dl class="tiles small">
      ${usage ? tile('process', String(usage.pid)) : tile('process', 'none')}
      ${usage && tile('memory now', mebibytes(usage.residentBytes))}
      ${usage && tile('killed above', mebibytes(usage.residentBytesMax))} ${tile('memory at most', mebibytes(peak))}
      ${tile('CPU time', `${(((usage?.cpuMs ?? 0) + endedCpuMs) / 1_000).toFixed(1)} s`)}
    </dl>
    ${
      usage && usage.shared.length > 0
        ? html`<p class="quiet">Shared with ${usage.shared.join(', ')}: memory and CPU time are those of all.</p>`
        : undefined
    }`
}

function eventTable(events: RunnerDetail['events']): Html | undefined {
  if (events.length === 0) return undefined
  return html`<h3>Last ends</h3>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>At</th>
            <th>Of</th>
            <th>Why</th>
            <th class="n">Batch</th>
            <th class="n">Memory</th>
            <th class="n">CPU</th>
            <th>Last call</th>
          </tr>
        </thead>
        <tbody>
          ${events.map(
            ({ at, what, reason, detail, batch, peakRssBytes, cpuMs, lastCall }) =>
              html`<tr>
                <td><time>${at}</time></td>
                <td>${what}</td>
                <td><code>${reason}</code> ${detail}</td>
                <td class="n">${batch === undefined ? '' : String(batch)}</td>
                <td class="n">${peakRssBytes === undefined ? '' : mebibytes(peakRssBytes)}</td>
                <td class="n">${cpuMs === undefined ? '' : `${number(cpuMs)} ms`}</td>
                <td>${lastCall === undefined ? undefined : html`<code>${lastCall}</code>`}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`
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

function batchTable(title: string, { total, newest }: RunnerDetail['batches']): Html | undefined {
  if (total === 0) return undefined
  return html`<h3>${title}</h3>
    <p>
      ${number(total)}
      ${total === 1 ? 'batch' : 'batches'}${total > newest.length ? html`, the newest ${number(newest.length)}` : undefined}:
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
