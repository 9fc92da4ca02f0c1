/** The shortest way from a node back to itself that stays among `members`: `[a, b, a]`; `undefined` when there is none. */
export function shortestCycle(
  start: string,
  edgesOf: (id: string) => Iterable<string>,
  members: ReadonlySet<string>,
): string[] | undefined {
  const cameFrom = new Map<string, string>()
  let frontier = [start]
  while (frontier.length > 0) {
    const next: string[] = []
    for (const id of frontier) {
      for (const to of edgesOf(id)) {
        if (to === start) return [...wayTo(id, start, cameFrom), start]
        if (!members.has(to) || cameFrom.has(to)) continue
        cameFrom.set(to, id)
        next.push(to)
      }
    }
    frontier = next
  }
  return undefined
}

function wayTo(end: string, start: string, cameFrom: ReadonlyMap<string, string>): string[] {
  const way = [end]
  for (let at = end; at !== start; way.unshift(at)) at = cameFrom.get(at)!
  return way
}
