import { hashBytes } from './tree-hash.ts'
import { wantCount, type TreeNode } from './tree-ranges.ts'

/** Hashes or entries of a full tile (C2SP tlog-tiles). */
export const tileWidth = 256
/** Levels of the tree that a level of tiles covers: 2^8 = 256. */
export const tileHeight = 8
/** Of paths: 64 levels of 8 are more than any log has. */
const levelMax = 63
/** Groups of three digits in a path: more than five may be more than a number holds exactly. */
const groupsMax = 5

/** Part of a log: up to 256 hashes of a level side by side, or 256 entries; `width` is less for what is not full. */
export interface Tile {
  readonly level: number | 'entries'
  readonly index: number
  readonly width: number
}

/** `<L>/<N>[.p/<W>]`, N as `x001/x234/067`: below `tile/` of a log. */
export function tilePath({ level, index, width }: Tile): string {
  wantCount('tile', index)
  const digits = String(index)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g)!
  const name = groups.map((group, place) => (place < groups.length - 1 ? `x${group}` : group)).join('/')
  return `${level}/${name}${width === tileWidth ? '' : `.p/${width}`}`
}

/** The tile of a path as {@link tilePath} writes it; `undefined` for any other text. */
export function parseTilePath(path: string): Tile | undefined {
  const found = /^(entries|\d|[1-9]\d)\/((?:x\d{3}\/)*)(\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path)
  if (!found) return undefined
  const [, levelText, before, last, widthText] = found as unknown as [string, string, string, string, string?]
  const groups = before.split('/').slice(0, -1)
  const level = levelText === 'entries' ? levelText : Number(levelText)
  const width = widthText === undefined ? tileWidth : Number(widthText)
  if (groups.length >= groupsMax || groups[0] === 'x000') return undefined
  if ((level !== 'entries' && level > levelMax) || (widthText !== undefined && width >= tileWidth)) return undefined
  return { level, index: Number(groups.map((group) => group.slice(1)).join('') + last), width }
}

/** The tile of a level in a log of `size` leaves; `undefined` where the log does not reach so far. */
export function tileAt(level: Tile['level'], index: number, size: number): Tile | undefined {
  const hashes = level === 'entries' ? size : Math.floor(size / 2 ** (level * tileHeight))
  const width = Math.min(tileWidth, hashes - index * tileWidth)
  return width > 0 ? { level, index, width } : undefined
}

/** The tile that a node is computed from, and its place there: `count` hashes from `start` on. */
export interface NodePlace {
  readonly tile: Tile
  readonly start: number
  readonly count: number
}

/** @throws when the log of `size` leaves does not have the node. */
export function placeOf({ level, index }: TreeNode, size: number): NodePlace {
  const tileLevel = Math.floor(level / tileHeight)
  const count = 2 ** (level % tileHeight)
  const first = index * count
  const tile = tileAt(tileLevel, Math.floor(first / tileWidth), size)
  const start = first % tileWidth
  if (!tile || start + count > tile.width)
    throw new Error(`Cannot find node ${index} of level ${level}: a log of ${size} leaves does not have it`)
  return { tile, start, count }
}

/** The hashes of a tile. @throws when it has not just as many as it should. */
export function tileHashes(tile: Tile, bytes: Uint8Array): Uint8Array[] {
  if (bytes.length !== tile.width * hashBytes) {
    throw new Error(
      `Cannot read the tile "${tilePath(tile)}": found ${bytes.length} bytes, want ${tile.width * hashBytes}`,
    )
  }
  return Array.from({ length: tile.width }, (_, place) => bytes.subarray(place * hashBytes, (place + 1) * hashBytes))
}
