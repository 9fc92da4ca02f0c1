/** The collector's `/api/v0/ingot/live`, and what must always hold of it. */
export interface Ledger {
  readonly in: number
  readonly created: number
  readonly out: number
  readonly merged: number
  readonly dropped: number
  readonly refused: number
  readonly quarantined: number
  readonly queued: number
  readonly reasons: Readonly<Record<string, number>>
}
export interface ComponentSnapshot {
  readonly id: string
  readonly health: string
  readonly message: string
  readonly ledger: Ledger
}
export interface EdgeSnapshot {
  readonly from: string
  readonly to: string
  readonly in: number
  readonly delivered: number
  readonly dropped: number
  readonly refused: number
  readonly queued: number
}
export interface LiveAnswer {
  readonly components: readonly ComponentSnapshot[]
  readonly edges: readonly EdgeSnapshot[]
  readonly lanes: readonly { readonly index: number; readonly running: boolean; readonly restarts: number }[]
}

/** What is out of balance; empty when every record is accounted for. Ask once nothing is under way. */
export function imbalances({ components, edges }: LiveAnswer): readonly string[] {
  const wrongComponents = components.flatMap(({ id, ledger }) => {
    const taken = ledger.in + ledger.created
    const settled = ledger.out + ledger.merged + ledger.dropped + ledger.refused + ledger.quarantined + ledger.queued
    return taken === settled ? [] : [`${id}: ${taken} taken, ${settled} accounted for (${JSON.stringify(ledger)})`]
  })
  const wrongEdges = edges.flatMap((edge) =>
    edge.queued === 0 ? [] : [`${edge.from} → ${edge.to}: ${edge.queued} of ${edge.in} not settled`],
  )
  return [...wrongComponents, ...wrongEdges]
}
