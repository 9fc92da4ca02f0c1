import { layoutGraph, nodeSize, type PlacedNode } from '@ingot/graph'
import type { CollectorView, ComponentInfo, LiveComponent, LiveEdge, LiveSnapshot } from '../http/view.ts'
import { functionsSection } from './functions-section.ts'
import { html, type Html } from './html.ts'
import { number, page } from './page.ts'

/** All components: what they do to each other, how they are, what went where. */
export function overviewPage(view: CollectorView, prefix: string): Html {
  const live = view.live()
  const infos = new Map<string, ComponentInfo>()
  collectComponents(view, '', infos)
  const body = html` <h1>Components</h1>
    ${failedLoad(view)} ${orphanedQueues(live)} ${unhealthyImports(live)} ${warnedModules(live)} ${summary(live, infos)}
    <section aria-labelledby="graph">
      <h2 id="graph">Pipelines</h2>
      <div class="scroll">${graph(live, infos, prefix)}</div>
    </section>
    <section aria-labelledby="list">
      <h2 id="list">All components</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th>Component</th>
              <th>Health</th>
              <th>Module</th>
              <th>Runs in</th>
              <th class="n">In</th>
              <th class="n">Out</th>
              <th class="n">Dropped</th>
              <th class="n">Quarantined</th>
              <th class="n">Queued</th>
            </tr>
          </thead>
          <tbody>
            ${[...infos].map(([id, info]) =>
              row(
                id,
                info,
                live.components.find((entry) => entry.id === id),
                prefix,
              ),
            )}
          </tbody>
        </table>
      </div>
    </section>
    ${functionsSection(live, prefix)}`
  return page('Components', prefix, body)
}

function failedLoad({ failedLoad: failed }: CollectorView): Html | undefined {
  if (failed === undefined) return undefined
  const runs = failed.inPart ? 'What holds of it runs.' : 'What runs is the one before it.'
  return html`<section class="alert" role="alert">
    <p>The configuration could not be loaded. ${runs}</p>
    <pre><code>${failed.found}</code></pre>
  </section>`
}

function orphanedQueues({ orphans }: LiveSnapshot): Html | undefined {
  if (orphans.length === 0) return undefined
  return html`<section class="alert" role="alert">
    <p>Records wait on disk whose sender is no longer configured.</p>
    <ul>
      ${orphans.map(
        ({ from = 'unknown', to = 'unknown', records, adopted, directory }) =>
          html`<li>
            ${records} from <code>${from}</code> to <code>${to}</code>:
            ${adopted ? 'they are sent on' : 'they wait until it runs'} (<code>${directory}</code>)
          </li>`,
      )}
    </ul>
  </section>`
}

function unhealthyImports({ imports }: LiveSnapshot): Html | undefined {
  const unhealthy = imports.filter(({ health }) => health === 'unhealthy')
  if (unhealthy.length === 0) return undefined
  return html`<section class="alert" role="alert">
    <p>What these imports had goes on.</p>
    <ul>
      ${unhealthy.map(({ id, message }) => html`<li><code>${id}</code>: ${message}</li>`)}
    </ul>
  </section>`
}

function warnedModules({ modules }: LiveSnapshot): Html | undefined {
  if (modules.length === 0) return undefined
  return html`<section class="alert" role="alert">
    <p>Registries warn of modules that run. <code>ingot module audit</code> tells what to do.</p>
    <ul>
      ${modules.map(({ module, message }) => html`<li><code>${module}</code>: ${message}</li>`)}
    </ul>
  </section>`
}

function collectComponents(view: CollectorView, moduleID: string, into: Map<string, ComponentInfo>): void {
  for (const info of view.components(moduleID)) {
    into.set(moduleID === '' ? info.localID : `${moduleID}/${info.localID}`, info)
    for (const inner of info.createdModuleIDs) collectComponents(view, inner, into)
  }
}

function summary(live: LiveSnapshot, infos: ReadonlyMap<string, ComponentInfo>): Html {
  const unhealthy = [...infos.values()].filter(
    (info) => info.health.state === 'unhealthy' || info.health.state === 'exited',
  ).length
  const total = (cell: 'dropped' | 'quarantined' | 'queued') =>
    live.components.reduce((sum, { ledger }) => sum + ledger[cell], 0)
  const lanes = live.lanes.filter((lane) => lane.running).length
  return html`<dl class="tiles">
    <div>
      <dt>Components</dt>
      <dd>${infos.size}</dd>
    </div>
    <div class="${unhealthy > 0 ? 'bad' : ''}">
      <dt>Unhealthy</dt>
      <dd>${unhealthy}</dd>
    </div>
    <div>
      <dt title="Over all edges">Records/s</dt>
      <dd data-total-rate>–</dd>
    </div>
    <div>
      <dt>Dropped</dt>
      <dd data-total="dropped">${number(total('dropped'))}</dd>
    </div>
    <div>
      <dt>Quarantined</dt>
      <dd data-total="quarantined">${number(total('quarantined'))}</dd>
    </div>
    <div>
      <dt>Queued</dt>
      <dd data-total="queued">${number(total('queued'))}</dd>
    </div>
    <div>
      <dt>Lanes</dt>
      <dd>${lanes} of ${live.lanes.length}</dd>
    </div>
  </dl>`
}

function graph(live: LiveSnapshot, infos: ReadonlyMap<string, ComponentInfo>, prefix: string): Html {
  const joined = live.edges.filter((edge) => infos.has(edge.from) && infos.has(edge.to))
  const connected = new Set(joined.flatMap((edge) => [edge.from, edge.to]))
  const shown = [...infos.keys()].filter((id) => connected.has(id)).map((id) => ({ id }))
  if (shown.length === 0) return html`<p class="quiet">No component sends to another one yet.</p>`
  const { nodes, width, height } = layoutGraph(shown, joined)
  const at = new Map(nodes.map((node) => [node.id, node]))
  return html`<svg
    class="graph"
    width="${width}"
    height="${height}"
    viewBox="0 0 ${width} ${height}"
    role="img"
    aria-label="Components and the data that flows between them"
  >
    ${joined.map((edge) => edgeShape(edge, at.get(edge.from)!, at.get(edge.to)!))}
    ${nodes.map((node) => nodeShape(node, infos.get(node.id)!, prefix))}
  </svg>`
}

function edgeShape(edge: LiveEdge, from: PlacedNode, to: PlacedNode): Html {
  const x1 = from.x + nodeSize.width
  const y1 = from.y + nodeSize.height / 2
  const y2 = to.y + nodeSize.height / 2
  const bend = (to.x - x1) / 2
  return html`<g class="edge" data-edge="${edge.from}|${edge.output}|${edge.to}">
    <path d="M${x1} ${y1} C${x1 + bend} ${y1} ${to.x - bend} ${y2} ${to.x} ${y2}" />
    <text x="${x1 + bend}" y="${(y1 + y2) / 2 - 7}" text-anchor="middle">${number(edge.in)}</text></g
  >`
}

function nodeShape(node: PlacedNode, info: ComponentInfo, prefix: string): Html {
  const label = info.label ?? ''
  return html`<a href="${prefix}/component/${node.id}"
    ><g class="node ${info.health.state}" data-node="${node.id}" transform="translate(${node.x} ${node.y})">
      <rect width="${nodeSize.width}" height="${nodeSize.height}" rx="9" /><circle cx="18" cy="22" r="5" />
      <text class="name" x="32" y="27">${shorten(info.name, 26)}</text
      ><text class="label" x="32" y="47">${shorten(label, 20)}${info.room === 'runner' ? ' · sandboxed' : ''}</text></g
    ></a
  >`
}

function row(id: string, info: ComponentInfo, live: LiveComponent | undefined, prefix: string): Html {
  const ledger = live?.ledger
  const count = (cell: 'in' | 'created' | 'out' | 'dropped' | 'quarantined' | 'queued') =>
    ledger ? number(ledger[cell]) : ''
  const taken = ledger ? number(ledger.in + ledger.created) : ''
  return html`<tr data-row="${id}">
    <th scope="row"><a href="${prefix}/component/${id}">${id}</a></th>
    <td>
      <span class="health ${info.health.state}">${info.health.state}</span>
      ${info.warnings.length > 0 ? html`<span class="health unknown" title="${info.warnings.join('\n')}">warning</span>` : undefined}
      <span class="quiet" data-message>${info.health.state === 'healthy' ? '' : info.health.message}</span>
    </td>
    <td class="quiet">${info.module ?? ''}</td>
    <td class="quiet">
      ${info.room === undefined ? '' : info.room === 'runner' ? 'runner' : info.lanes.length > 1 ? `${info.lanes.length} lanes` : `lane ${info.lanes[0]}`}
    </td>
    <td class="n" data-cell="taken">${taken}</td>
    <td class="n" data-cell="out">${count('out')}</td>
    <td class="n" data-cell="dropped">${count('dropped')}</td>
    <td class="n" data-cell="quarantined">${count('quarantined')}</td>
    <td class="n" data-cell="queued">${count('queued')}</td>
  </tr>`
}

function shorten(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`
}
