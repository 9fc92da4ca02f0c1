import { gzipSync } from 'node:zlib'

/** An entry exactly as it is to stand in the archive, however wrong. */
export interface RawEntry {
  readonly path: string | Uint8Array
  readonly content?: Uint8Array | string
  readonly type?: string
  readonly mode?: number
  readonly link?: string
  /** What the header says instead of the content's length. */
  readonly size?: number | string
  readonly prefix?: string
  readonly magic?: string
  readonly checksum?: number
  /** What stands in the padding instead of zeros. */
  readonly padding?: number
}

/** A ustar archive without its compression, its end included. */
export function rawTar(entries: readonly RawEntry[]): Buffer {
  return Buffer.concat([...entries.map(rawEntry), Buffer.alloc(1024)])
}

/** A gzip member with the header that reading wants. */
export function rawGzip(content: Uint8Array): Buffer {
  const packed = gzipSync(content)
  packed[9] = 255
  return packed
}

export function rawArchive(entries: readonly RawEntry[]): Buffer {
  return rawGzip(rawTar(entries))
}

export function rawEntry(entry: RawEntry): Buffer {
  const content = Buffer.from(entry.content ?? '')
  const padding = Buffer.alloc((512 - (content.length % 512)) % 512, entry.padding ?? 0)
  return Buffer.concat([header(entry, content.length), content, padding])
}

function header(entry: RawEntry, contentBytes: number): Buffer {
  const block = Buffer.alloc(512)
  Buffer.from(entry.path).copy(block, 0, 0, 100)
  block.write(octal(entry.mode ?? 0o644, 7), 100)
  block.write(octal(0, 7), 108)
  block.write(octal(0, 7), 116)
  block.write(typeof entry.size === 'string' ? entry.size : octal(entry.size ?? contentBytes, 11), 124, 'latin1')
  block.write(octal(0, 11), 136)
  block.write(entry.type ?? '0', 156)
  block.write(entry.link ?? '', 157)
  block.write(entry.magic ?? 'ustar\u000000', 257, 'latin1')
  block.write(entry.prefix ?? '', 345)
  block.fill(' ', 148, 156)
  const sum = entry.checksum ?? block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, '0')}\0`
}
