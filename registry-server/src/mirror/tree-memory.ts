import { earlierHead, remembered, type Remembered, type TrustMemory } from '@ingot/trust'
import type { TreeWriter } from '../export/tree-writer.ts'

const path = '.memory.json'
/** As many modules as have an index in the folder at most: one is remembered with it. */
const indexesMax = 100_000

/** What was believed of an upstream, in the folder of its mirror. It goes on and never back, whoever else writes at the same time. */
export class TreeMemory implements TrustMemory {
  readonly #tree: TreeWriter
  #known: Remembered | undefined
  #written: Promise<unknown> = Promise.resolve()

  constructor(tree: TreeWriter) {
    this.#tree = tree
  }

  async read(): Promise<Remembered> {
    if (this.#known) return this.#known
    const text = await this.#tree.read(path)
    this.#known ??= remembered.parse(text ? JSON.parse(text.toString()) : {})
    return this.#known
  }

  update(change: (known: Remembered) => Remembered): Promise<void> {
    const written = this.#written.then(async () => {
      const known = await this.read()
      const changed = onwards(known, change(known))
      if (changed === known) return
      await this.#tree.write(path, JSON.stringify(changed))
      this.#known = changed
    })
    this.#written = written.catch(() => undefined)
    return written
  }

  async keepEvidence(evidence: object): Promise<string> {
    const name = `.evidence-${Date.now()}.json`
    await this.#tree.write(name, `${JSON.stringify(evidence, null, 2)}\n`)
    return name
  }
}

/** Of two looks at one log, which do not contradict each other, the later one stays. */
function onwards(known: Remembered, next: Remembered): Remembered {
  const { checkpoint } = known
  const isBack =
    checkpoint !== undefined &&
    next.checkpoint !== undefined &&
    earlierHead(next.checkpoint).size < earlierHead(checkpoint).size
  const indexes = Object.entries(next.indexes)
  const kept = indexes.length > indexesMax ? { ...next, indexes: Object.fromEntries(indexes.slice(-indexesMax)) } : next
  return isBack ? { ...kept, checkpoint } : kept
}
