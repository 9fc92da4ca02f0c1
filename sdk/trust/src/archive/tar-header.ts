import { ArchiveError } from './archive-error.ts'

export const blockBytes = 512

/** Setuid, setgid and sticky. */
const specialModeBits = 0o7000
const regularFile = '0'.charCodeAt(0)

/** What a ustar header says of a regular file (POSIX.1-2017, pax, "ustar Interchange Format"). */
export interface TarHeader {
  readonly path: string
  readonly sizeBytes: number
}

/** @throws ArchiveError when the block is anything but the header of a regular file. */
export function parseTarHeader(block: Uint8Array): TarHeader {
  wantChecksum(block)
  if (latin1(block, 257, 265) !== 'ustar\u000000') {
    throw new ArchiveError('archive_invalid', 'Cannot read the archive: want ustar headers')
  }
  wantRegularFile(block)
  const sizeBytes = octal(block, 124, 136, 'size')
  const mode = octal(block, 100, 108, 'mode')
  if ((mode & specialModeBits) !== 0) {
    throw new ArchiveError(
      'entry_type',
      `Cannot accept the archive: found mode ${mode.toString(8)}, want no setuid, setgid or sticky bit`,
    )
  }
  const name = text(block, 0, 100)
  const prefix = text(block, 345, 500)
  return { path: prefix === '' ? name : `${prefix}/${name}`, sizeBytes }
}

/**
 * Links, devices, directories, sparse files and the records that change the next entry's name or size are refused:
 * packing needs none of them, and each has been the way out of an extractor.
 */
function wantRegularFile(block: Uint8Array): void {
  const type = block[156]!
  if (type !== regularFile || block[157] !== 0) {
    const shown = JSON.stringify(String.fromCharCode(type))
    throw new ArchiveError(
      'entry_type',
      `Cannot accept the archive: found an entry of type ${shown}, want regular files only`,
    )
  }
}

function wantChecksum(block: Uint8Array): void {
  let sum = 0
  for (let i = 0; i < blockBytes; i++) sum += i >= 148 && i < 156 ? 32 : block[i]!
  if (octal(block, 148, 156, 'checksum') !== sum) {
    throw new ArchiveError('archive_invalid', 'Cannot read the archive: a header has a wrong checksum')
  }
}

/** Octal digits ended by NUL or space. The base-256 form of other tars is refused: no module needs such numbers. */
function octal(block: Uint8Array, start: number, end: number, field: string): number {
  const digits = /^ *([0-7]+)[\0 ]*$/.exec(latin1(block, start, end))?.[1]
  if (digits === undefined)
    throw new ArchiveError('archive_invalid', `Cannot read the archive: a header has no octal ${field}`)
  return Number.parseInt(digits, 8)
}

/** UTF-8 up to the first NUL; what follows it must be NUL too, so that no reader sees another name. */
function text(block: Uint8Array, start: number, end: number): string {
  const field = block.subarray(start, end)
  const length = field.indexOf(0)
  const used = length < 0 ? field : field.subarray(0, length)
  if (length >= 0 && field.subarray(length).some((byte) => byte !== 0)) {
    throw new ArchiveError('path_invalid', 'Cannot accept the archive: found a name with a NUL inside')
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(used)
  } catch {
    throw new ArchiveError('path_invalid', 'Cannot accept the archive: found a name that is not UTF-8')
  }
}

function latin1(block: Uint8Array, start: number, end: number): string {
  return Buffer.from(block.buffer, block.byteOffset + start, end - start).toString('latin1')
}
