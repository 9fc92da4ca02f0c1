/** Names and values of one label set, sorted by name (byte order of UTF-16, which equals Go's for ASCII names). Immutable. */
export class Labels {
  static readonly empty = new Labels([], [])
  readonly names: readonly string[]
  readonly values: readonly string[]
  #key: string | undefined

  /** `names` must be sorted and unique; use {@link Labels.from} for anything else. */
  constructor(names: readonly string[], values: readonly string[]) {
    this.names = names
    this.values = values
  }

  /** Builds a set from pairs in any order: the last of equal names wins, empty values are left out (they mean "absent"). */
  static from(pairs: Iterable<readonly [string, string]>): Labels {
    const map = new Map<string, string>()
    for (const [name, value] of pairs) map.set(name, value)
    const names = [...map.keys()].filter((name) => map.get(name) !== '').sort(byCodeUnit)
    return new Labels(
      names,
      names.map((name) => map.get(name)!),
    )
  }

  get size(): number {
    return this.names.length
  }

  get(name: string): string | undefined {
    const index = this.names.indexOf(name)
    return index < 0 ? undefined : this.values[index]
  }

  *entries(): IterableIterator<[string, string]> {
    for (let i = 0; i < this.names.length; i++) yield [this.names[i]!, this.values[i]!]
  }

  toObject(): Record<string, string> {
    return Object.fromEntries(this.entries())
  }

  /** A string that two sets share exactly when they are equal: for maps and comparisons. */
  get key(): string {
    this.#key ??= this.names.map((name, i) => `${name}\u0000${this.values[i]}`).join('\u0001')
    return this.#key
  }
}

function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
