import type { ComponentDetail, LiveSnapshot } from '../http/view.ts'
import { ledgerCells } from '../ledger/ledger-cells.ts'
import { capabilitiesSection } from './capabilities-section.ts'
import { html, type Html } from './html.ts'
import { number, page } from './page.ts'
import { printBody } from './print-body.ts'
import { runnerSection } from './runner-section.ts'

/** One component: health, arguments, exports, what passed through it and what it may do. */
export function componentPage(detail: ComponentDetail, live: LiveSnapshot, prefix: string): Html {
  const id = detail.moduleID === '' ? detail.localID : `${detail.moduleID}/${detail.localID}`
  const entry = live.components.find((component) => component.id === id)
  const body = html` <p class="crumbs"><a href="${prefix}/">Components</a> /</p>
    <h1>${id}</h1>
    <p>
      <span class="health ${detail.health.state}">${detail.health.state}</span> ${detail.health.message}
      <time class="quiet">${detail.health.updatedTime.toISOString()}</time>
    </p>
    ${warned(detail)}
    ${detail.module === undefined ? undefined : html`<p class="quiet">From ${detail.module}, ${detail.room === 'runner' ? 'sandboxed in a runner' : `in lane${detail.lanes.length > 1 ? 's' : ''} ${detail.lanes.join(', ')}`}</p>`}
    ${entry && ledgerSection(entry.ledger)} ${edgesSection(id, live, prefix)}
    ${codeSection('Arguments', detail.arguments)} ${codeSection('Exports', detail.exports)}
    ${codeSection('Debug info', detail.debugInfo)} ${capabilitiesSection(detail.capabilities)}
    ${runnerSection(detail, id, prefix)} ${linksSection('Refers to', detail.referencesTo, prefix)}
    ${linksSection('Referred to by', detail.referencedBy, prefix)}`
  return page(id, prefix, body)
}

function warned({ warnings, module }: ComponentDetail): Html | undefined {
  if (warnings.length === 0) return undefined
  return html`<section class="alert" role="alert">
    <p>Its registry warns of ${module}. It runs on; <code>ingot module audit</code> tells what to do.</p>
    <ul>
      ${warnings.map((warning) => html`<li>${warning}</li>`)}
    </ul>
  </section>`
}

function ledgerSection(ledger: LiveSnapshot['components'][number]['ledger']): Html {
  const reasons = Object.entries(ledger.reasons).filter(([, count]) => count > 0)
  return html`<section>
    <h2>Records</h2>
    <dl class="tiles small">
      ${ledgerCells.map(
        (cell) =>
          html`<div>
            <dt>${cell}</dt>
            <dd>${number(ledger[cell])}</dd>
          </div>`,
      )}
    </dl>
    ${reasons.length === 0 ? undefined : html`<p>Dropped: ${reasons.map(([reason, count], i) => html`${i > 0 ? ', ' : ''}${number(count)} as <code>${reason}</code>`)}</p>`}
  </section>`
}

function edgesSection(id: string, live: LiveSnapshot, prefix: string): Html | undefined {
  const edges = live.edges.filter((edge) => edge.from === id || edge.to === id)
  if (edges.length === 0) return undefined
  return html`<section>
    <h2>Edges</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>From</th>
            <th>To</th>
            <th class="n">In</th>
            <th class="n">Delivered</th>
            <th class="n">Dropped</th>
            <th class="n">Refused</th>
            <th class="n">Queued</th>
          </tr>
        </thead>
        <tbody>
          ${edges.map(
            (edge) =>
              html`<tr>
                <td>
                  <a href="${prefix}/component/${edge.from}">${edge.from}</a> <span class="quiet">${edge.output}</span>
                </td>
                <td><a href="${prefix}/component/${edge.to}">${edge.to}</a> <span class="quiet">${edge.port}</span></td>
                <td class="n">${number(edge.in)}</td>
                <td class="n">${number(edge.delivered)}</td>
                <td class="n">${number(edge.dropped)}</td>
                <td class="n">${number(edge.refused)}</td>
                <td class="n">${number(edge.queued)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`
}

function codeSection(title: string, body: readonly unknown[]): Html | undefined {
  return body.length === 0
    ? undefined
    : html`<section>
        <h2>${title}</h2>
        <pre><code>${printBody(body)}</code></pre>
      </section>`
}

function linksSection(title: string, ids: readonly string[], prefix: string): Html | undefined {
  if (ids.length === 0) return undefined
  return html`<section>
    <h2>${title}</h2>
    <ul>
      ${ids.map((id) => html`<li><a href="${prefix}/component/${id}">${id}</a></li>`)}
    </ul>
  </section>`
}
