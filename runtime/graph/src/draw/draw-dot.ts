import type { Picture, PictureGroup, PictureNode } from './picture.ts'

/** The picture in the language of Graphviz. */
export function drawDot({ groups }: Picture): string {
  const lines = groups.flatMap((group) => (group.id === '' ? body(group, '  ') : cluster(group)))
  return `digraph ingot {\n  rankdir=LR\n  node [shape=box]\n${lines.map((line) => `${line}\n`).join('')}}\n`
}

function cluster(group: PictureGroup): string[] {
  return [
    `  subgraph ${quoted(`cluster_${group.id}`)} {`,
    `    label=${quoted(group.id)}`,
    ...body(group, '    '),
    '  }',
  ]
}

function body({ nodes, edges }: PictureGroup, indent: string): string[] {
  return [
    ...nodes.map((node) => `${indent}${quoted(node.id)} [label=${title(node)}${node.custom ? ', style=dashed' : ''}]`),
    ...edges.map(({ from, to }) => `${indent}${quoted(from)} -> ${quoted(to)}`),
  ]
}

function title({ name, label }: PictureNode): string {
  return label === '' ? quoted(name) : `"${escaped(name)}\\n${escaped(label)}"`
}

function quoted(text: string): string {
  return `"${escaped(text)}"`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
}
