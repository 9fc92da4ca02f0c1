import { Labels } from '@ingot/telemetry'

/** Changes that are remembered per label set; beyond it the memory of that set starts anew. */
const changesMax = 10_000

/**
 * Label sets with one label more, less or different. The result of each change is remembered with the set that it
 * started from, so that entries with equal labels share one object and no set is built per entry.
 */
export class LabelTransitions {
  readonly #next = new WeakMap<Labels, Map<string, Labels>>()

  /** An empty value removes the label. */
  set(labels: Labels, name: string, value: string): Labels {
    const key = `${name}\u0000${value}`
    let changes = this.#next.get(labels)
    const known = changes?.get(key)
    if (known) return known
    const result = labels.get(name) === value ? labels : Labels.from([...labels.entries(), [name, value]])
    if (!changes || changes.size >= changesMax) {
      changes = new Map()
      this.#next.set(labels, changes)
    }
    changes.set(key, result)
    return result
  }

  delete(labels: Labels, name: string): Labels {
    return this.set(labels, name, '')
  }
}
