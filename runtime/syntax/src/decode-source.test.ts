import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeSource } from './decode-source.ts'

function utf32(text: string, littleEndian: boolean): Uint8Array {
  const characters = [...`\uFEFF${text}`]
  const view = new DataView(new ArrayBuffer(characters.length * 4))
  characters.forEach((character, index) => view.setUint32(index * 4, character.codePointAt(0)!, littleEndian))
  return new Uint8Array(view.buffer)
}

function utf16(text: string, littleEndian: boolean): Uint8Array {
  const units = `\uFEFF${text}`
  const view = new DataView(new ArrayBuffer(units.length * 2))
  for (let i = 0; i < units.length; i++) view.setUint16(i * 2, units.charCodeAt(i), littleEndian)
  return new Uint8Array(view.buffer)
}

describe('decodeSource()', () => {
  test('reads the same text from every encoding', () => {
    // A NUL right after the mark of UTF-16 makes it the mark of UTF-32.
    const texts = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0') && !text.includes('\uFEFF'))
    fc.assert(
      fc.property(texts, (text) => {
        const encoder = new TextEncoder()
        const encodings: Uint8Array[] = [encoder.encode(text), encoder.encode(`\uFEFF${text}`)]
        for (const little of [true, false]) encodings.push(utf16(text, little), utf32(text, little))
        for (const bytes of encodings) expect(decodeSource('a', bytes)).toEqual({ text, diagnostics: [] })
      }),
    )
  })

  test.each([
    ['a byte that is not UTF-8', Uint8Array.of(0x61, 0xff, 0x62), 1],
    ['half a character of UTF-16', Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x62), 1],
    ['half a character of UTF-32', Uint8Array.of(0, 0, 0xfe, 0xff, 0, 0, 0, 0x61, 0), 1],
    ['a surrogate in UTF-32', Uint8Array.of(0, 0, 0xfe, 0xff, 0, 0, 0xd8, 0), 0],
  ])('points at %s', (_, bytes, start) => {
    const { diagnostics } = decodeSource('a', bytes)
    expect(diagnostics).toMatchObject([{ code: 'invalid-encoding', span: { start } }])
  })
})
