const powers = ['', 'K', 'M', 'G', 'T', 'P', 'E']
const limit = 2 ** 63

/**
 * Bytes of a size in base-2 notation: `512KiB`, `1.5GiB`, `1MB` (= 1 MiB), or `0`. `undefined` for anything else, a
 * number without a unit included.
 */
export function parseSize(text: string): number | undefined {
  const body = text.replace(/^[+-]/, '')
  if (body === '0') return 0
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:[KMGTPE]i?B|B))+$/.test(body)) return undefined
  let total = 0
  for (const [, number, prefix] of body.matchAll(/(\d+\.?\d*|\.\d+)([KMGTPE]?)i?B/g)) {
    total += Number(number) * 1024 ** powers.indexOf(prefix!)
  }
  if (total >= limit) return undefined
  return Math.trunc(text.startsWith('-') ? -total : total)
}
