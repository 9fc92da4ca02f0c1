import type { Picture, PictureGroup, PictureNode } from './picture.ts'

/** The picture in the language of Mermaid, whose ids are plain words: nodes are numbered. */
export function drawMermaid({ groups }: Picture): string {
  const words = new Map<string, string>()
  for (const { nodes } of groups) for (const { id } of nodes) words.set(id, `n${words.size + 1}`)
  const lines = groups.flatMap((group, index) =>
    group.id === ''
      ? body(group, words, '  ')
      : [`  subgraph g${index}["${escaped(group.id)}"]`, ...body(group, words, '    '), '  end'],
  )
  return `flowchart LR\n${lines.map((line) => `${line}\n`).join('')}`
}

function body({ nodes, edges }: PictureGroup, words: ReadonlyMap<string, string>, indent: string): string[] {
  return [
    ...nodes.map((node) => `${indent}${words.get(node.id)}${shape(node)}`),
    ...edges.map(({ from, to }) => `${indent}${words.get(from)} --> ${words.get(to)}`),
  ]
}

function shape({ name, label, custom }: PictureNode): string {
  const text = `"${escaped(name)}${label === '' ? '' : `<br/>${escaped(label)}`}"`
  return custom ? `[[${text}]]` : `[${text}]`
}

function escaped(text: string): string {
  return text.replaceAll('&', '#amp;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;')
}
