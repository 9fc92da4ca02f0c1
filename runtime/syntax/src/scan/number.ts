const uint64Max = 2n ** 64n - 1n

/**
 * The value of a number literal: an integer where it fits 64 bits, otherwise a float. A leading zero makes an octal
 * number unless a digit is not octal: then the literal is a decimal float.
 */
export function numberValue(raw: string): bigint | number {
  if (!/^\d+$/.test(raw)) return Number(raw)
  const octal = raw.length > 1 && raw.startsWith('0')
  if (octal && /[89]/.test(raw)) return Number(raw)
  const value = BigInt(octal ? `0o${raw}` : raw)
  return value <= uint64Max ? value : Number(raw)
}
