import { tilePath, type Tile } from './tile.ts'

/** In a bundle the length before each entry has 16 bits. */
export const logEntryBytesMax = 65_535

/** The entries of a tile of level `entries` (C2SP tlog-tiles), each after its length. @throws for one that is too long. */
export function encodeEntries(entries: readonly Uint8Array[]): Uint8Array {
  const parts = entries.flatMap((entry) => {
    if (entry.length > logEntryBytesMax)
      throw new Error(`Cannot bundle the log entry: found ${entry.length} bytes, want at most ${logEntryBytesMax}`)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(entry.length)
    return [length, entry]
  })
  return Buffer.concat(parts)
}

/** @throws when the bytes are not just as many entries as the tile should have. */
export function decodeEntries(tile: Tile, bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const entries: Uint8Array[] = []
  let at = 0
  while (at < bytes.length && entries.length < tile.width) {
    const end = at + 2 <= bytes.length ? at + 2 + view.getUint16(at) : Infinity
    if (end > bytes.length) throw unreadable(tile, `it ends within entry ${entries.length}`)
    entries.push(bytes.subarray(at + 2, end))
    at = end
  }
  if (entries.length < tile.width) throw unreadable(tile, `found ${entries.length} entries, want ${tile.width}`)
  if (at < bytes.length) throw unreadable(tile, `found ${bytes.length - at} bytes after its ${tile.width} entries`)
  return entries
}

function unreadable(tile: Tile, found: string): Error {
  return new Error(`Cannot read the log entries "${tilePath(tile)}": ${found}`)
}
