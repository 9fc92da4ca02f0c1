/** Archives that nobody may accept: for the tests of everything that reads one. Never imported by a program. */
import { gzipSync } from 'node:zlib'
import type { ArchiveErrorCode } from '../archive/archive-error.ts'
import { archiveLimits } from '../archive/archive-limits.ts'
import { rawArchive, rawEntry, rawGzip, rawTar, type RawEntry } from './raw-archive.ts'

export * from './raw-archive.ts'

export interface HostileArchive {
  readonly name: string
  readonly code: ArchiveErrorCode
  make(): Uint8Array
}

const file: RawEntry = { path: 'module.json', content: '{}' }
const mebibyte = 2 ** 20

const paths: Readonly<Record<string, string | Uint8Array>> = {
  'a path that climbs out': '../evil',
  'a path that climbs in the middle': 'a/../../evil',
  'an absolute path': '/etc/passwd',
  'a path with a dot part': './evil',
  'a path with an empty part': 'a//b',
  'a path that ends with a slash': 'a/',
  'an empty path': '',
  'a backslash': 'a\\..\\evil',
  'a drive': 'C:evil',
  'an alternate data stream': 'file.txt:stream',
  'a line break': 'a\r\nb',
  'an escape character': 'a\u001b[2Jb',
  'a text direction override': 'a\u202egpj.exe',
  'a NUL inside': Buffer.from('a\0b'),
  'bytes that are not UTF-8': Buffer.from([0x61, 0xff, 0x62]),
  'a name in normal form NFD': 'cafe\u0301',
  'a Windows device': 'CON',
  'a Windows device with an extension': 'docs/nul.txt',
  'a part that ends with a dot': 'a./b',
  'a part that ends with a space': 'a /b',
  'too many levels': Array.from({ length: archiveLimits.depthMax + 1 }, () => 'a').join('/'),
}

const types: Readonly<Record<string, RawEntry>> = {
  'a symbolic link': { path: 'a', type: '2', link: '/etc' },
  'a hard link': { path: 'a', type: '1', link: 'module.json' },
  'a character device': { path: 'a', type: '3' },
  'a block device': { path: 'a', type: '4' },
  'a folder': { path: 'a', type: '5' },
  'a pipe': { path: 'a', type: '6' },
  'a contiguous file': { path: 'a', type: '7' },
  'a pax record that lies about the next size': { path: 'PaxHeader', type: 'x', content: '20 size=99999999999\n' },
  'a global pax record': { path: 'PaxHeader', type: 'g', content: '14 path=../x\n' },
  'a GNU long name': { path: '././@LongLink', type: 'L', content: '../evil\0' },
  'a GNU long link': { path: '././@LongLink', type: 'K', content: '/etc\0' },
  'a GNU sparse file': { path: 'a', type: 'S' },
  'an old-style file type': { path: 'a', type: '\0' },
  'a regular file with a link target': { path: 'a', link: '/etc/passwd' },
  'a setuid bit': { path: 'a', mode: 0o4755 },
  'a sticky bit': { path: 'a', mode: 0o1644 },
}

const collisions: Readonly<Record<string, readonly [string, string]>> = {
  'the same path twice': ['a', 'a'],
  'paths that differ in case': ['README.md', 'readme.md'],
  'paths that differ in the case of a folder': ['Docs/a', 'docs/a'],
  'paths that differ in a compatible character': ['ﬁle', 'file'],
  'paths that differ in a sharp s': ['straße', 'STRASSE'],
  'a file that is also a folder': ['a', 'a/b'],
  'a folder that is also a file': ['a/b', 'a'],
}

const damaged: Readonly<Record<string, () => Uint8Array>> = {
  'nothing at all': () => new Uint8Array(),
  'something that is not gzip': () => Buffer.from('x'.repeat(600)),
  'gzip with a name in its header': () => {
    const packed = rawArchive([file])
    packed[3] = 8
    return packed
  },
  'a truncated gzip': () => rawArchive([file]).subarray(0, -12),
  'a second gzip member': () => Buffer.concat([rawArchive([file]), gzipSync('more')]),
  'zeros after the gzip member': () => Buffer.concat([rawArchive([file]), Buffer.alloc(64)]),
  'a wrong gzip checksum': () => withByte(rawArchive([file]), -8),
  'a wrong gzip length': () => withByte(rawArchive([file]), -1),
  'no end of the archive': () => rawGzip(rawEntry(file)),
  'half of the end of the archive': () => rawGzip(rawTar([file]).subarray(0, -512)),
  'data after the end': () => rawGzip(Buffer.concat([rawTar([file]), rawTar([{ path: 'evil' }])])),
  'content that ends in the middle': () => rawGzip(rawEntry({ path: 'a', content: 'abc', size: 4096 })),
  'data in the padding': () => rawArchive([{ path: 'a', content: 'abc', padding: 7 }]),
  'a wrong header checksum': () => rawArchive([{ path: 'a', checksum: 1 }]),
  'another magic': () => rawArchive([{ path: 'a', magic: 'ustar  \0' }]),
  'a negative size': () => rawArchive([{ path: 'a', size: '-0000000001\0' }]),
  'a size in base 256': () => rawArchive([{ path: 'a', size: '\u0080\0\0\0\0\0\0\0\0\0\0\u0001' }]),
}

const large: Readonly<Record<string, () => Uint8Array>> = {
  'a bomb of zeros in one file': () => rawGzip(rawEntry({ path: 'a', content: Buffer.alloc(64 * mebibyte) })),
  'a bomb of zeros in many files': () => {
    const content = Buffer.alloc(archiveLimits.fileBytesMax)
    return rawArchive(Array.from({ length: 5 }, (_, index) => ({ path: `file-${index}`, content })))
  },
  'a bomb after the end': () => rawGzip(Buffer.concat([rawTar([file]), Buffer.alloc(64 * mebibyte)])),
  'a file that is larger than allowed': () =>
    rawArchive([{ path: 'a', content: Buffer.alloc(archiveLimits.fileBytesMax + 1) }]),
  'a packed size that is larger than allowed': () => Buffer.alloc(archiveLimits.packedBytesMax + 1, 1),
}

export const hostileArchives: readonly HostileArchive[] = [
  ...Object.entries(paths).map(([name, path]) => made(name, 'path_invalid', () => rawArchive([file, { path }]))),
  made('a path that is too long', 'path_invalid', () =>
    rawArchive([{ path: 'a'.repeat(100), prefix: 'b'.repeat(120) }]),
  ),
  made('a prefix that climbs out', 'path_invalid', () => rawArchive([{ path: 'evil', prefix: '..' }])),
  ...Object.entries(types).map(([name, entry]) => made(name, 'entry_type', () => rawArchive([file, entry]))),
  ...Object.entries(collisions).map(([name, two]) =>
    made(name, 'path_collision', () => rawArchive(two.map((path) => ({ path, content: path })))),
  ),
  ...Object.entries(damaged).map(([name, make]) => made(name, 'archive_invalid', make)),
  ...Object.entries(large).map(([name, make]) => made(name, 'too_large', make)),
  made('too many entries', 'too_many_entries', () =>
    rawArchive(Array.from({ length: archiveLimits.entriesMax + 1 }, (_, index) => ({ path: `f${index}` }))),
  ),
]

function made(name: string, code: ArchiveErrorCode, make: () => Uint8Array): HostileArchive {
  return { name, code, make }
}

function withByte(bytes: Uint8Array, index: number): Uint8Array {
  const at = bytes.length + index
  bytes[at] = bytes[at]! ^ 0xff
  return bytes
}
