import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEntries, encodeEntries } from './entry-bundle.ts'
import { parseTilePath, placeOf, tileAt, tileHashes, tilePath, type Tile } from './tile.ts'

const tiles = fc.record<Tile>({
  level: fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant('entries' as const)),
  index: fc.oneof(fc.nat({ max: 2_000 }), fc.integer({ min: 0, max: 10 ** 15 - 1 })),
  width: fc.integer({ min: 1, max: 256 }),
})

test.each<[Tile, string]>([
  [{ level: 0, index: 0, width: 256 }, '0/000'],
  [{ level: 3, index: 1_234_067, width: 256 }, '3/x001/x234/067'],
  [{ level: 0, index: 999, width: 1 }, '0/999.p/1'],
  [{ level: 1, index: 1_000, width: 112 }, '1/x001/000.p/112'],
  [{ level: 'entries', index: 273, width: 112 }, 'entries/273.p/112'],
])('tilePath() of %j is %s', (tile, path) => {
  expect(tilePath(tile)).toBe(path)
})

test('parseTilePath() reads what tilePath() writes', () => {
  fc.assert(
    fc.property(tiles, (tile) => {
      expect(parseTilePath(tilePath(tile))).toEqual(tile)
    }),
  )
})

test('parseTilePath() has one text for one tile', () => {
  const path = fc.stringMatching(/^(entries|\d{1,2})\/(x\d{3}\/){0,5}\d{3}(\.p\/\d{1,3})?$/)
  fc.assert(
    fc.property(fc.oneof(path, fc.string()), (text) => {
      const tile = parseTilePath(text)
      if (tile) expect(tilePath(tile)).toBe(text)
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  '00/000',
  '64/000',
  '0/0',
  '0/x000/001',
  '0/x001/x002/x003/x004/x005/006',
  '0/000.p/0',
  '0/000.p/256',
  '0/000.p/01',
  '0/../000',
  'entries',
  '-1/000',
])('parseTilePath() knows no %s', (path) => {
  expect(parseTilePath(path)).toBeUndefined()
})

test('placeOf() finds a node within a tile that the log has', () => {
  const size = fc.oneof(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }))
  fc.assert(
    fc.property(
      size,
      fc.nat({ max: 52 }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (of, height, at) => {
        const level = Math.min(height, Math.floor(Math.log2(of)))
        const index = Math.floor(at * Math.floor(of / 2 ** level))
        const { tile, start, count } = placeOf({ level, index }, of)
        expect(tile).toEqual(tileAt(tile.level, tile.index, of))
        expect(start + count).toBeLessThanOrEqual(tile.width)
        const leaves = 2 ** (8 * Number(tile.level))
        expect((tile.index * 256 + start) * leaves).toBe(index * 2 ** level)
      },
    ),
  )
})

test('placeOf() refuses a node that is not complete', () => {
  expect(() => placeOf({ level: 1, index: 1 }, 3)).toThrow('Cannot find node 1 of level 1: a log of 3 leaves')
  expect(tileAt(1, 0, 255)).toBeUndefined()
  expect(tileAt('entries', 1, 257)).toEqual({ level: 'entries', index: 1, width: 1 })
})

test('tileHashes() refuses a tile that is cut short or too long', () => {
  const tile = { level: 0, index: 0, width: 2 }
  expect(tileHashes(tile, Buffer.alloc(64)).map(({ length }) => length)).toEqual([32, 32])
  for (const length of [0, 63, 65, 96])
    expect(() => tileHashes(tile, Buffer.alloc(length))).toThrow(
      `Cannot read the tile "0/000.p/2": found ${length} bytes, want 64`,
    )
})

const entryLists = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 })
const entriesTile = (width: number): Tile => ({ level: 'entries', index: 0, width })

test('decodeEntries() reads what encodeEntries() writes, and nothing that is cut short or longer', () => {
  fc.assert(
    fc.property(entryLists, fc.nat(), (entries, n) => {
      const bytes = encodeEntries(entries)
      const tile = entriesTile(entries.length)
      expect(decodeEntries(tile, bytes).map((entry) => [...entry])).toEqual(entries.map((entry) => [...entry]))
      expect(() => decodeEntries(tile, bytes.subarray(0, n % bytes.length))).toThrow('Cannot read the log entries')
      expect(() => decodeEntries(tile, Buffer.concat([bytes, Buffer.alloc(1)]))).toThrow('found 1 bytes after')
    }),
  )
})

test('encodeEntries() takes the longest entry and none beyond it', () => {
  const longest = Buffer.alloc(65_535, 1)
  expect(decodeEntries(entriesTile(1), encodeEntries([longest]))[0]).toHaveLength(65_535)
  expect(() => encodeEntries([Buffer.alloc(65_536)])).toThrow('found 65536 bytes, want at most 65535')
})

test('decodeEntries() never reads beyond what it was given', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer({ min: 1, max: 256 }), (bytes, width) => {
      try {
        expect(Buffer.from(encodeEntries(decodeEntries(entriesTile(width), bytes)))).toEqual(Buffer.from(bytes))
      } catch (error) {
        expect((error as Error).message).toContain('Cannot read the log entries')
      }
    }),
  )
})
