const nanoseconds: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}

const limit = 2n ** 63n

/** Digits of a fraction that can still matter: an hour has 3.6e12 nanoseconds. */
const FRACTION_DIGITS_MAX = 18

/**
 * Nanoseconds of a duration in the notation of Go's `time.ParseDuration`: an optional sign, then numbers with units
 * (`1h30m`, `1.5s`, `250ms`), or `0`. `undefined` for anything else, and for more than 64 bits of nanoseconds.
 */
export function parseDuration(text: string): bigint | undefined {
  const body = text.replace(/^[+-]/, '')
  const negative = text.startsWith('-')
  if (body === '0') return 0n
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return undefined
  let total = 0n
  for (const [, whole, fraction, unit] of body.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const digits = fraction!.slice(0, FRACTION_DIGITS_MAX)
    const scale = nanoseconds[unit!]!
    total += BigInt(whole === '' ? '0' : whole!) * scale
    total += (BigInt(digits === '' ? '0' : digits) * scale) / 10n ** BigInt(digits.length)
    if (total > limit) return undefined
  }
  if (total === limit && !negative) return undefined
  return negative ? -total : total
}
