interface Visit {
  readonly id: string
  readonly edges: Iterator<string>
}

/**
 * The strongly connected components of a graph (Tarjan's algorithm, with a stack of its own, since graphs can be deeper
 * than the call stack). Each comes after all those that its edges lead to: with edges to dependencies, the order to
 * evaluate in.
 */
export function components(ids: Iterable<string>, edgesOf: (id: string) => Iterable<string>): string[][] {
  const index = new Map<string, number>()
  const low = new Map<string, number>()
  const open: string[] = []
  const isOpen = new Set<string>()
  const found: string[][] = []
  const work: Visit[] = []

  const enter = (id: string): void => {
    index.set(id, index.size)
    low.set(id, index.get(id)!)
    open.push(id)
    isOpen.add(id)
    work.push({ id, edges: edgesOf(id)[Symbol.iterator]() })
  }
  const lower = (id: string, to: number): void => void low.set(id, Math.min(low.get(id)!, to))
  const leave = (id: string): void => {
    work.pop()
    const above = work.at(-1)
    if (above) lower(above.id, low.get(id)!)
    if (low.get(id) !== index.get(id)) return
    const members = open.splice(open.lastIndexOf(id))
    for (const member of members) isOpen.delete(member)
    found.push(members)
  }

  for (const id of ids) {
    if (index.has(id)) continue
    enter(id)
    for (let visit = work.at(-1); visit; visit = work.at(-1)) {
      const next = visit.edges.next()
      if (next.done) leave(visit.id)
      else if (!index.has(next.value)) enter(next.value)
      else if (isOpen.has(next.value)) lower(visit.id, index.get(next.value)!)
    }
  }
  return found
}
