export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

export function isLetter(byte: number | undefined): boolean {
  if (byte === undefined) return false
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x7a
}

/** Letters, digits, underscore, and every byte of a character beyond ASCII. */
export function isWord(byte: number | undefined): boolean {
  return isLetter(byte) || isDigit(byte) || byte === 0x5f || (byte !== undefined && byte >= 0x80)
}

/** A table of the given characters, and of letters and digits. */
export function wordsAnd(characters: string): Uint8Array {
  const table = new Uint8Array(256)
  for (let byte = 0; byte < 128; byte++) table[byte] = isLetter(byte) || isDigit(byte) ? 1 : 0
  for (const character of characters) table[character.charCodeAt(0)] = 1
  return table
}
