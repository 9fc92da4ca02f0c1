/** Nodes to evaluate again, handed out in the order of their dependencies, each once however often it is added. */
export class DirtyNodes {
  readonly #position: ReadonlyMap<string, number>
  /** The last one first, so that taking one moves none of the others. */
  readonly #ordered: string[] = []
  readonly #known = new Set<string>()

  constructor(position: ReadonlyMap<string, number>) {
    this.#position = position
  }

  add(id: string): void {
    if (this.#known.has(id)) return
    this.#known.add(id)
    const wanted = this.#position.get(id)!
    let low = 0
    let high = this.#ordered.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#position.get(this.#ordered[middle]!)! > wanted) low = middle + 1
      else high = middle
    }
    this.#ordered.splice(low, 0, id)
  }

  takeFirst(): string | undefined {
    const id = this.#ordered.pop()
    if (id !== undefined) this.#known.delete(id)
    return id
  }
}
