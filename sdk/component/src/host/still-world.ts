/**
 * Runs work that the clock and chance must not change: meanwhile `Date` stands at the epoch, and `Math.random` is a generator
 * with the given seed. Only for work that ends at once: nothing else may run in between.
 */
export function inStillWorld<T>(seed: number, work: () => T): T {
  const { Date: clock } = globalThis
  const { random } = Math
  globalThis.Date = stillClock(clock)
  Math.random = generator(seed)
  try {
    return work()
  } finally {
    globalThis.Date = clock
    Math.random = random
  }
}

function stillClock(clock: DateConstructor): DateConstructor {
  const now = (): number => 0
  return new Proxy(clock, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [0] : args, newTarget) as object,
    apply: (target) => new target(0).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : (Reflect.get(target, key, receiver) as unknown)),
  })
}

/** mulberry32: small, fast, and good enough for what is not a secret. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
