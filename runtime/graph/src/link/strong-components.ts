interface Visit {
  readonly id: string
  readonly edges: Iterator<string>
  readonly index: number
  low: number
  open: boolean
}

/**
 * The strongly connected components of a graph (Tarjan's algorithm, with a stack of its own, since graphs can be deeper
 * than the call stack). Each comes after all those that its edges lead to: with edges to dependencies, the order to
 * evaluate in.
 */
export function components(ids: Iterable<string>, edgesOf: (id: string) => Iterable<string>): string[][] {
  const visits = new Map<string, Visit>()
  const open: Visit[] = []
  const found: string[][] = []
  const work: Visit[] = []

  const enter = (id: string): void => {
    const index = visits.size
    const visit = { id, edges: edgesOf(id)[Symbol.iterator](), index, low: index, open: true }
    visits.set(id, visit)
    open.push(visit)
    work.push(visit)
  }
  const leave = (visit: Visit): void => {
    work.pop()
    const above = work.at(-1)
    if (above) above.low = Math.min(above.low, visit.low)
    if (visit.low !== visit.index) return
    const members = open.splice(open.lastIndexOf(visit))
    for (const member of members) member.open = false
    found.push(members.map(({ id }) => id))
  }

  for (const id of ids) {
    if (visits.has(id)) continue
    enter(id)
    for (let visit = work.at(-1); visit; visit = work.at(-1)) {
      const next = visit.edges.next()
      const target = next.done ? undefined : visits.get(next.value)
      if (next.done) leave(visit)
      else if (!target) enter(next.value)
      else if (target.open) visit.low = Math.min(visit.low, target.index)
    }
  }
  return found
}
