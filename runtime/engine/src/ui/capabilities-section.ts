import type { CapabilityUse } from '../http/view.ts'
import { html, type Html } from './html.ts'
import { number } from './page.ts'

/** What a component's module asks for and why, what it got, and what it did with it. */
export function capabilitiesSection(capabilities: readonly CapabilityUse[]): Html | undefined {
  if (capabilities.length === 0) return undefined
  return html`<section>
    <h2>Capabilities</h2>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Capability</th>
            <th>Requested</th>
            <th>Granted</th>
            <th class="n">Used</th>
            <th class="n">Denied</th>
          </tr>
        </thead>
        <tbody>
          ${capabilities.map(
            (one) =>
              html`<tr>
                <th scope="row"><code>${one.name}</code></th>
                <td>${requested(one)}</td>
                <td>${granted(one)}</td>
                <td class="n">
                  ${number(one.used)}${unused(one) ? html` <span class="quiet">declared, never used</span>` : undefined}
                </td>
                <td class="n">${number(one.denied)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${denials(capabilities)}
  </section>`
}

/** Requests with one reason are one line. */
function requested({ requested: requests }: CapabilityUse): Html {
  const byReason = Map.groupBy(requests, ({ why }) => why)
  return html`${[...byReason].map(([why, some], i) => {
    const from = some.flatMap((request) => request.from ?? [])
    const values = some.flatMap((request) => request.values ?? [])
    const what = [
      ...from.map((argument) => html`<code>${argument}</code>`),
      ...values.map((value) => html`<code>${value}</code>`),
    ]
    return html`${i > 0 ? html`<br />` : undefined}${why}
    ${what.length === 0 ? undefined : html`<span class="quiet">${what.map((one, n) => html`${n > 0 ? ', ' : ''}${one}`)}</span>`}`
  })}`
}

function granted({ requested: requests, granted: values, targets }: CapabilityUse): Html {
  const hasTargets = requests.some((request) => request.from !== undefined || request.values !== undefined)
  if (!hasTargets) return html`<span class="quiet">has no targets</span>`
  const designated = Math.max(0, targets - values.length)
  return html`${values.map((value, i) => html`${i > 0 ? ', ' : ''}<code>${value}</code>`)}
    <span class="quiet">${values.length > 0 ? 'and ' : ''}${number(designated)} by its arguments</span>`
}

function unused({ used, denied }: CapabilityUse): boolean {
  return used === 0 && denied === 0
}

function denials(capabilities: readonly CapabilityUse[]): Html | undefined {
  const all = capabilities.flatMap(({ name, denials: some }) => some.map((denial) => ({ name, ...denial })))
  if (all.length === 0) return undefined
  return html`<h3>Denied last</h3>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>At</th>
            <th>Capability</th>
            <th>Target</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          ${all.map(
            ({ at, name, target, reason }) =>
              html`<tr>
                <td><time>${at}</time></td>
                <td><code>${name}</code></td>
                <td><code>${target}</code></td>
                <td>${reason}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`
}
