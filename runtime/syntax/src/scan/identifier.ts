/** A letter or underscore, then letters, decimal digits of any script and underscores. */
export const identifierPattern = /[\p{L}_][\p{L}\p{Nd}_]*/uy

const wholeIdentifier = /^[\p{L}_][\p{L}\p{Nd}_]*$/u

/** Whether the text can name an attribute, a block or a label: an identifier that is no keyword. */
export function isIdentifier(text: string): boolean {
  return wholeIdentifier.test(text) && text !== 'null' && text !== 'true' && text !== 'false'
}
