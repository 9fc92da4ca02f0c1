/** What is counted per edge: `in = delivered + dropped + refused + queued`. `bytes` is what went in. */
export const edgeCells = ['in', 'delivered', 'dropped', 'refused', 'bytes', 'batches'] as const
export type EdgeCell = (typeof edgeCells)[number]
export type EdgeSnapshot = Readonly<Record<EdgeCell | 'queued', number>>

/** The counters of one edge in one lane, in memory that control can read at any time. */
export class EdgeCells {
  readonly memory: SharedArrayBuffer
  readonly #cells: Float64Array

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(edgeCells.length * 8)) {
    this.memory = memory
    this.#cells = new Float64Array(memory)
  }

  add(cell: EdgeCell, n: number): void {
    this.#cells[edgeCells.indexOf(cell)]! += n
  }

  snapshot(): EdgeSnapshot {
    const cells = Object.fromEntries(edgeCells.map((name, i) => [name, this.#cells[i]!])) as Record<EdgeCell, number>
    return { ...cells, queued: cells.in - cells.delivered - cells.dropped - cells.refused }
  }

  /** After the lane is gone: what was under way is its sender's again. */
  closeBooks(): void {
    this.add('refused', this.snapshot().queued)
  }
}
