import { structuredPatch } from 'diff'

/** Unchanged lines around what changed. */
const contextLines = 3
/** Lines that may differ, and how long is looked for the fewest: beyond that a file counts as written anew. */
const editsMax = 2_000
const searchMs = 100

/** A line as one side has it. */
export interface SideLine {
  /** Its number, from 1. */
  readonly number: number
  readonly text: string
}

/** Lines that both sides have, or those that took the place of others. */
export interface LineBlock {
  readonly kind: 'same' | 'changed'
  readonly before: readonly SideLine[]
  readonly after: readonly SideLine[]
}

/** Blocks that follow each other; between hunks nothing changed. */
export type LineHunk = readonly LineBlock[]

/** The fewest lines that make one text of another; `undefined` where that is not found in time. */
export function diffLines(before: string, after: string): readonly LineHunk[] | undefined {
  const patch = structuredPatch('', '', before, after, '', '', {
    context: contextLines,
    maxEditLength: editsMax,
    timeout: searchMs,
  })
  return patch?.hunks.map(({ oldStart, newStart, lines }) => blocksOf(lines, oldStart, newStart))
}

function blocksOf(lines: readonly string[], oldStart: number, newStart: number): LineHunk {
  const blocks: { kind: LineBlock['kind']; before: SideLine[]; after: SideLine[] }[] = []
  let [oldNumber, newNumber] = [oldStart, newStart]
  for (const line of lines) {
    const [sign, text] = [line[0], line.slice(1)]
    // "\ No newline at end of file": both texts have their lines all the same.
    if (sign === '\\') continue
    const kind = sign === ' ' ? 'same' : 'changed'
    if (blocks.at(-1)?.kind !== kind) blocks.push({ kind, before: [], after: [] })
    const block = blocks.at(-1)!
    if (sign !== '+') block.before.push({ number: oldNumber++, text })
    if (sign !== '-') block.after.push({ number: newNumber++, text })
  }
  return blocks
}
