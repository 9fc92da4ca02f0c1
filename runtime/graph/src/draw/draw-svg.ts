import { layoutGraph, nodeSize, type PlacedNode } from './layout.ts'
import type { Picture, PictureGroup, PictureNode } from './picture.ts'

/** Room for the name of a custom component above its inside, in pixels. */
const titleHeight = 32
const style = `text{font:13px ui-sans-serif,system-ui,sans-serif;fill:#1c2024}
.label,.title{font-weight:600}.name{fill:#60646c}
rect{fill:#fff;stroke:#b9bbc6}.custom rect{stroke-dasharray:4 3}
path{fill:none;stroke:#8b8d98;stroke-width:1.5}marker path{fill:#8b8d98;stroke:none}`
const arrow = `<defs><marker id="to" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>`

/** The picture itself: data goes from left to right, the insides of custom components stand below. */
export function drawSvg({ groups }: Picture): string {
  let top = 0
  let width = 0
  const parts: string[] = []
  for (const group of groups) {
    const layout = layoutGraph(group.nodes, group.edges)
    const title = group.id === '' ? 0 : titleHeight
    const heading = title === 0 ? '' : `<text class="title" x="12" y="20">${escaped(group.id)}</text>`
    parts.push(`<g transform="translate(0 ${top})">${heading}<g transform="translate(0 ${title})">`)
    parts.push(...edgesOf(group, layout.nodes), ...nodesOf(group, layout.nodes), '</g></g>')
    top += title + layout.height
    width = Math.max(width, layout.width)
  }
  const box = `width="${width}" height="${top}" viewBox="0 0 ${width} ${top}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" ${box}><style>${style}</style>${arrow}\n${parts.join('\n')}\n</svg>\n`
}

function nodesOf({ nodes }: PictureGroup, placed: readonly PlacedNode[]): string[] {
  return nodes.map((node, index) => nodeMarkup(node, placed[index]!))
}

function nodeMarkup({ name, label, custom }: PictureNode, { x, y }: PlacedNode): string {
  const box = `<rect width="${nodeSize.width}" height="${nodeSize.height}" rx="8"/>`
  const texts =
    label === ''
      ? `<text class="label" x="12" y="36">${escaped(name)}</text>`
      : `<text class="label" x="12" y="26">${escaped(label)}</text><text class="name" x="12" y="46">${escaped(name)}</text>`
  return `<g${custom ? ' class="custom"' : ''} transform="translate(${x} ${y})">${box}${texts}</g>`
}

function edgesOf({ edges }: PictureGroup, placed: readonly PlacedNode[]): string[] {
  const places = new Map(placed.map((place) => [place.id, place]))
  return edges.map(({ from, to }) => {
    const start = places.get(from)!
    const end = places.get(to)!
    const [x1, y1] = [start.x + nodeSize.width, start.y + nodeSize.height / 2]
    const [x2, y2] = [end.x, end.y + nodeSize.height / 2]
    const middle = (x1 + x2) / 2
    return `<path d="M${x1} ${y1}C${middle} ${y1} ${middle} ${y2} ${x2} ${y2}" marker-end="url(#to)"/>`
  })
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
