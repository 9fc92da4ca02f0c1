const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 3.6e6,
}

/**
 * Milliseconds of a duration in the notation of Go's `time.ParseDuration`: a sign, then numbers with units
 * (`ns us µs ms s m h`), or `0`.
 * @throws when the text is anything else.
 */
export function parseDuration(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  const body = text.replace(/^[+-]/, '')
  if (body === '0') return 0
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) {
    throw new Error(`Cannot read "${text}" as a duration: want numbers with units, such as "30s", "1m30s" or "250ms"`)
  }
  let total = 0
  for (const [, number, unit] of body.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)) {
    total += Number(number) * unitMs[unit!]!
  }
  return sign * total
}

/** The notation that Go's `Duration.String` gives: `1m30s`, `250ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s'
  const sign = ms < 0 ? '-' : ''
  const abs = Math.abs(ms)
  if (abs < 1e-3) return `${sign}${trim(abs * 1e6)}ns`
  if (abs < 1) return `${sign}${trim(abs * 1e3)}µs`
  if (abs < 1e3) return `${sign}${trim(abs)}ms`
  const hours = Math.floor(abs / 3.6e6)
  const minutes = Math.floor((abs % 3.6e6) / 6e4)
  const seconds = `${trim((abs % 6e4) / 1e3)}s`
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`
}

function trim(value: number): string {
  return String(Number(value.toFixed(9)))
}
