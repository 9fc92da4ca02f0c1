import { codePoints } from '../diagnose/position.ts'

/** A line of output. Its cells line up with those of its neighbours; the last text of the line is not a cell. */
export interface Line {
  indent: number
  readonly cells: string[]
  text: string
  /** Whether the lines after this one are aligned on their own. */
  endsRun: boolean
}

/**
 * Lines as text, by the rule of elastic tab stops: a column is a run of neighbouring lines that have a cell there, and is
 * as wide as its widest cell and a space.
 */
export function align(lines: readonly Line[]): string {
  let text = ''
  for (let start = 0; start < lines.length;) {
    let end = start
    while (end < lines.length - 1 && !lines[end]!.endsRun) end++
    const run = lines.slice(start, end + 1)
    alignColumn(run, 0)
    text += run.map((line) => `${render(line)}\n`).join('')
    start = end + 1
  }
  return text
}

function alignColumn(lines: readonly Line[], column: number): void {
  for (let start = 0; start < lines.length; start++) {
    let end = start
    while (end < lines.length && lines[end]!.cells.length > column) end++
    if (end === start) continue
    const block = lines.slice(start, end)
    const width = Math.max(...block.map((line) => codePoints(line.cells[column]!))) + 1
    for (const line of block) {
      const cell = line.cells[column]!
      line.cells[column] = cell + ' '.repeat(width - codePoints(cell))
    }
    alignColumn(block, column + 1)
    start = end
  }
}

function render({ indent, cells, text }: Line): string {
  const content = cells.join('') + text
  return content === '' ? '' : '\t'.repeat(indent) + content
}
