/**
 * Time and chance without a capability: `Date` shows the turn's time, as its frame tells it, and stands still, and `Math.random` is
 * a generator whose seed the turn gives. Neither tells a module anything that it was not told.
 */
let nowMs = 0
let state = 0x9e3779b9

export function setTurn(now: number, seed: number): void {
  nowMs = now
  state = seed | 0
}

/** The time of the turn, whatever the module makes of its globals. */
export function turnMs(): number {
  return nowMs
}

export function installClockAndChance(): void {
  const Native = globalThis.Date
  const frozen = new Proxy(Native, {
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [nowMs] : args, newTarget) as object,
    apply: () => new Native(nowMs).toString(),
    get: (target, key, receiver) => (key === 'now' ? turnMs : Reflect.get(target, key, receiver)),
  })
  Object.defineProperty(Native.prototype, 'constructor', { value: frozen, writable: true, configurable: true })
  Object.defineProperty(globalThis, 'Date', { value: frozen, writable: true, configurable: true })
  Math.random = random
}

/** mulberry32: small, fast, and good enough for what is not a secret. */
function random(): number {
  state = (state + 0x6d2b79f5) | 0
  let mixed = Math.imul(state ^ (state >>> 15), state | 1)
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
}
