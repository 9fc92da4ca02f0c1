const unitBytes: Readonly<Record<string, number>> = { B: 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40, P: 2 ** 50 }

/**
 * Bytes of a size in base-2 notation: `512KiB`, `1MB` (= 1 MiB), `0`.
 * @throws when the text is anything else; a number without a unit is accepted only when it is 0.
 */
export function parseSize(text: string): number {
  if (text === '0') return 0
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:[KMGTP]i?B|B))+$/.test(text)) {
    throw new Error(`Cannot read "${text}" as a size: want numbers with units, such as "512KiB" or "1MiB"`)
  }
  let total = 0
  for (const [, number, unit] of text.matchAll(/(\d+\.?\d*|\.\d+)([KMGTP]?)i?B/g)) {
    total += Number(number) * unitBytes[unit === '' ? 'B' : unit!]!
  }
  return Math.floor(total)
}
