import type { LogStore } from '../storage/meta/log-store.ts'
import { tileHeight, tileWidth } from './log-limits.ts'

/** Part of the log: 256 hashes of a level, or 256 entries; `width` is less for what is not full. */
export interface Tile {
  readonly level: number | 'entries'
  readonly index: number
  readonly width: number
}

/** 63 bits of leaves at 8 for each level (C2SP tlog-tiles). */
const levelMax = 63
/** Groups of three digits in a tile's path; more than a number holds exactly would be ambiguous. */
const groupsMax = 5

/** Reads `<L>/<N>[.p/<W>]` with N as `x001/x234/067`; `undefined` for what names no tile. */
export function parseTilePath(path: string): Tile | undefined {
  const found = /^(entries|0|[1-9]\d?)\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path)
  if (!found) return undefined
  const [, levelText, groupsText, lastGroup, widthText] = found as unknown as [string, string, string, string, string?]
  const groups = groupsText.split('/').filter((group) => group !== '')
  if (groups.length >= groupsMax || groups[0] === 'x000') return undefined
  const level = levelText === 'entries' ? levelText : Number(levelText)
  const width = widthText === undefined ? tileWidth : Number(widthText)
  if ((level !== 'entries' && level > levelMax) || width > tileWidth || widthText === String(tileWidth))
    return undefined
  return { level, index: Number(groups.map((group) => group.slice(1)).join('') + lastGroup), width }
}

/** The hashes of a tile one after the other; `undefined` where the log does not reach so far. */
export async function hashTile(log: LogStore, { level, index, width }: Tile): Promise<Buffer | undefined> {
  const hashes = await log.row(Number(level) * tileHeight, index * tileWidth, width)
  return hashes.length < width ? undefined : Buffer.concat(hashes.map((hash) => Buffer.from(hash, 'base64')))
}

/** The entries of a tile, each with its length before it in 16 bits, big-endian. */
export async function entriesTile(log: LogStore, { index, width }: Tile): Promise<Buffer | undefined> {
  const events = await log.events(index * tileWidth, width)
  if (events.length < width) return undefined
  const parts = events.flatMap(({ leaf }) => {
    const bytes = Buffer.from(leaf)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(bytes.length)
    return [length, bytes]
  })
  return Buffer.concat(parts)
}
