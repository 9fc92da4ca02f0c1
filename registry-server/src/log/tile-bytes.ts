import { encodeEntries, tileHeight, tileWidth, type Tile } from '@ingot/trust'
import { publicLeaf, type LogStore } from '../storage/meta/log-store.ts'

/** The bytes of a tile (C2SP tlog-tiles); `undefined` where the log does not reach so far. */
export async function tileBytes(log: LogStore, { level, index, width }: Tile): Promise<Uint8Array | undefined> {
  const start = index * tileWidth
  if (level === 'entries') {
    const events = await log.events(start, width)
    return events.length < width ? undefined : encodeEntries(events.map(publicLeaf))
  }
  const hashes = await log.row(level * tileHeight, start, width)
  return hashes.length < width ? undefined : Buffer.concat(hashes)
}
