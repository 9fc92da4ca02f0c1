import { type Directive, pad, without } from './directive.ts'
import { quoteCharacter } from './quote.ts'

const bases: Readonly<Record<string, { readonly base: number; readonly prefix: string }>> = {
  v: { base: 10, prefix: '' },
  d: { base: 10, prefix: '' },
  b: { base: 2, prefix: '0b' },
  o: { base: 8, prefix: '0' },
  O: { base: 8, prefix: '0o' },
  x: { base: 16, prefix: '0x' },
  X: { base: 16, prefix: '0X' },
}

/** `undefined` when the verb is not one for integers. */
export function formatInteger(value: bigint, directive: Directive): string | undefined {
  const { verb, flags } = directive
  const form = bases[verb]
  if (form) return formatDigits(value, form, directive)
  const character = value >= 0n && value <= 0x10ffffn ? String.fromCodePoint(Number(value)) : '\uFFFD'
  if (verb === 'c') return pad(character.toWellFormed(), { ...directive, flags: without(flags, '0') })
  if (verb === 'q') return pad(quoteCharacter(character.toWellFormed(), flags.has('+')), directive)
  if (verb === 'U')
    return pad(`U+${value.toString(16).toUpperCase().padStart(4, '0')}`, { ...directive, flags: without(flags, '0') })
  return undefined
}

function formatDigits(value: bigint, { base, prefix }: { base: number; prefix: string }, directive: Directive): string {
  const { verb, flags, precision, width } = directive
  const sign = value < 0n ? '-' : flags.has('+') ? '+' : flags.has(' ') ? ' ' : ''
  let digits = (value < 0n ? -value : value).toString(base)
  if (verb === 'X') digits = digits.toUpperCase()
  if (precision === 0 && value === 0n) return ' '.repeat(width)
  const zeros = precision ?? (flags.has('0') && !flags.has('-') ? width - sign.length : 0)
  digits = digits.padStart(zeros, '0')
  const shownPrefix = verb === 'O' || (flags.has('#') && verb !== 'v' && verb !== 'd')
  // The octal prefix is itself a digit: one leading zero is enough.
  const lead = shownPrefix && !(verb === 'o' && digits.startsWith('0')) ? prefix : ''
  return pad(sign + lead + digits, { ...directive, flags: without(flags, '0') })
}
