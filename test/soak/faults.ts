/** What goes wrong in a soak, and how often beside the rest. */
const weights = {
  /** Lines that ask the module for it. */
  loop: 3,
  bomb: 2,
  throw: 4,
  slow: 4,
  never: 1,
  garbage: 1,
  /** Done to the collector from outside. */
  'kill runner': 3,
  reload: 2,
  'kill lane': 0.3,
} as const

export type Fault = keyof typeof weights

/** Repeatable by its seed: numbers of at least 0 and below 1. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function drawFault(random: () => number): Fault {
  const all = Object.entries(weights) as [Fault, number][]
  let left = random() * all.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [fault, weight] of all) if ((left -= weight) < 0) return fault
  return 'slow'
}
