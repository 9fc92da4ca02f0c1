const named: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}

/** A Go string literal: in backticks with `raw` where the text allows it, without letters beyond ASCII with `ascii`. */
export function quote(text: string, options: { readonly raw: boolean; readonly ascii: boolean }): string {
  if (options.raw && !/[`\p{Cc}\uFEFF]/u.test(text.replaceAll('\t', ''))) return `\`${text}\``
  return `"${Array.from(text, (character) => escape(character, '"', options.ascii)).join('')}"`
}

/** A Go character literal. */
export function quoteCharacter(character: string, ascii: boolean): string {
  return `'${escape(character, "'", ascii)}'`
}

function escape(character: string, delimiter: string, ascii: boolean): string {
  if (character === delimiter) return `\\${character}`
  const name = named[character]
  if (name !== undefined) return name
  const code = character.codePointAt(0)!
  const printable = character === ' ' || !/[\p{C}\p{Z}]/u.test(character)
  if (printable && (!ascii || code < 0x80)) return character
  const hex = code.toString(16)
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
