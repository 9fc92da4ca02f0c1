// Keeps the figures of the page moving: asks for a snapshot every second and shows rates as differences of two.
const prefix = document.currentScript.dataset.prefix
const intervalMs = 1000
const number = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const small = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 })
let before

const edgeKey = (edge) => `${edge.from}|${edge.output}|${edge.to}`
const rateText = (rate) => `${(rate >= 10 || rate === 0 ? number : small).format(rate)}/s`

function showEdges(now, seconds) {
  const earlier = new Map(before.edges.map((edge) => [edgeKey(edge), edge]))
  let total = 0
  for (const edge of now.edges) {
    const rate = Math.max(0, edge.in - (earlier.get(edgeKey(edge))?.in ?? edge.in)) / seconds
    total += rate
    const group = document.querySelector(`[data-edge="${CSS.escape(edgeKey(edge))}"]`)
    if (!group) continue
    group.querySelector('text').textContent =
      edge.queued > 0 ? `${rateText(rate)} · ${number.format(edge.queued)} queued` : rateText(rate)
    group.classList.toggle('flowing', rate > 0)
    group.classList.toggle('stuck', rate === 0 && edge.queued > 0)
  }
  const tile = document.querySelector('[data-total-rate]')
  if (tile) tile.textContent = number.format(total)
}

function showComponents(now) {
  for (const name of ['dropped', 'quarantined', 'queued']) {
    const tile = document.querySelector(`[data-total="${name}"]`)
    if (tile)
      tile.textContent = number.format(now.components.reduce((sum, component) => sum + component.ledger[name], 0))
  }
  for (const { id, health, message, ledger } of now.components) {
    const node = document.querySelector(`[data-node="${CSS.escape(id)}"]`)
    node?.setAttribute('class', `node ${health}`)
    const row = document.querySelector(`[data-row="${CSS.escape(id)}"]`)
    if (!row) continue
    const badge = row.querySelector('.health')
    badge.className = `health ${health}`
    badge.textContent = health
    row.querySelector('[data-message]').textContent = health === 'healthy' ? '' : message
    for (const cell of row.querySelectorAll('[data-cell]')) {
      const value = cell.dataset.cell === 'taken' ? ledger.in + ledger.created : ledger[cell.dataset.cell]
      cell.textContent = number.format(value)
    }
  }
}

async function refresh() {
  try {
    const response = await fetch(`${prefix}/api/v0/ingot/live`)
    const now = await response.json()
    if (before) showEdges(now, (now.at - before.at) / 1000)
    showComponents(now)
    before = now
  } catch {
    // The collector is restarting or gone: the next round will tell.
  }
  setTimeout(() => void refresh(), intervalMs)
}
void refresh()
