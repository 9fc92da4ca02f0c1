import { decodeUtf8 } from '../utf8/utf8.ts'

/** Powers of ten that a double holds exactly. */
const powers = new Float64Array(23)
for (let i = 0; i < powers.length; i++) powers[i] = Number(`1e${i}`)
const exactMax = 2 ** 53

/**
 * Reads numbers from bytes. After {@link NumberReader.read}, `end` is the position after the number; the caller checks
 * what follows. Results are those of a correctly rounded conversion, to the bit.
 */
export class NumberReader {
  end = 0

  /**
   * The number at `at`, up to the next blank, newline or `stop`.
   * Up to 2^53 as digits and 10^±22 as power, one division or multiplication of exact operands rounds correctly;
   * everything else goes through `Number`.
   * @returns undefined when there is no number.
   */
  read(bytes: Uint8Array, at: number, stop: number): number | undefined {
    let i = at
    const negative = bytes[i] === 0x2d
    if (negative) i++
    let mantissa = 0
    let point = -1
    const first = i
    for (; i < stop; i++) {
      const digit = bytes[i]! - 0x30
      if (digit >= 0 && digit <= 9) mantissa = mantissa * 10 + digit
      else if (digit === -2 && point < 0) point = i
      else break
    }
    const terminated = i >= stop || bytes[i]! <= 0x20
    const digits = i - first - (point < 0 ? 0 : 1)
    if (!terminated || digits === 0 || mantissa > exactMax) return this.#slow(bytes, at, stop)
    const decimals = point < 0 ? 0 : i - point - 1
    if (decimals > 22) return this.#slow(bytes, at, stop)
    this.end = i
    const value = decimals === 0 ? mantissa : mantissa / powers[decimals]!
    return negative ? -value : value
  }

  #slow(bytes: Uint8Array, at: number, stop: number): number | undefined {
    let end = at
    while (end < stop && bytes[end]! > 0x20) end++
    this.end = end
    if (end - at > 400) return undefined
    const text = decodeUtf8(bytes, at, end)
    if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text)) return Number(text)
    if (/^[+-]?inf(?:inity)?$/i.test(text)) return text.startsWith('-') ? -Infinity : Infinity
    return /^[+-]?nan$/i.test(text) ? NaN : undefined
  }
}
