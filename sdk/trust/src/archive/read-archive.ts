import { ArchiveError } from './archive-error.ts'
import { archiveLimits, type ArchiveLimits } from './archive-limits.ts'
import { EntryPaths } from './entry-paths.ts'
import { gunzip } from './gunzip.ts'
import { blockBytes, parseTarHeader, type TarHeader } from './tar-header.ts'

export interface ArchiveEntry {
  readonly path: string
  readonly bytes: Uint8Array
}

/**
 * The files of a packed module (gzip of ustar), one after the other as they are inflated, each checked before it is
 * handed out. Nothing is written anywhere. A caller must not believe in any entry before the generator has ended: only
 * then are the archive's end and checksum known to be good.
 * @throws ArchiveError with the registry's code.
 */
export async function* readArchive(
  packed: Uint8Array,
  limits: ArchiveLimits = archiveLimits,
): AsyncGenerator<ArchiveEntry> {
  const source = gunzip(packed, limits)
  try {
    yield* readEntries(new BlockReader(source), limits)
  } finally {
    // Also when an entry is refused: the rest of a bomb is not inflated.
    await source.return(undefined)
  }
}

async function* readEntries(reader: BlockReader, limits: ArchiveLimits): AsyncGenerator<ArchiveEntry> {
  const paths = new EntryPaths(limits)
  let entries = 0
  for (;;) {
    const block = await reader.read(blockBytes)
    if (isZero(block)) break
    const header = parseTarHeader(block)
    entries++
    if (entries > limits.entriesMax) {
      throw new ArchiveError(
        'too_many_entries',
        `Cannot accept the archive: found more than ${limits.entriesMax} entries`,
      )
    }
    paths.add(header.path)
    yield { path: header.path, bytes: await readContent(reader, header, limits) }
  }
  await wantEnd(reader)
}

async function readContent(reader: BlockReader, header: TarHeader, limits: ArchiveLimits): Promise<Uint8Array> {
  if (header.sizeBytes > limits.fileBytesMax) {
    throw new ArchiveError(
      'too_large',
      `Cannot accept ${JSON.stringify(header.path)}: found ${header.sizeBytes} bytes, want at most ${limits.fileBytesMax}`,
    )
  }
  const bytes = await reader.read(header.sizeBytes)
  const padding = (blockBytes - (header.sizeBytes % blockBytes)) % blockBytes
  if (!isZero(await reader.read(padding))) {
    throw new ArchiveError('archive_invalid', `Cannot accept ${JSON.stringify(header.path)}: found data in its padding`)
  }
  return bytes
}

/** A tar ends with two zero blocks; writers may pad with more of them, and with nothing else. */
async function wantEnd(reader: BlockReader): Promise<void> {
  if (!isZero(await reader.read(blockBytes))) {
    throw new ArchiveError('archive_invalid', 'Cannot read the archive: found data after its end')
  }
  for (let rest = await reader.next(); rest; rest = await reader.next()) {
    if (!isZero(rest)) throw new ArchiveError('archive_invalid', 'Cannot read the archive: found data after its end')
  }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

/** Cuts a stream of chunks into the sizes that a tar is made of. Holds one chunk and the piece being read. */
class BlockReader {
  readonly #source: AsyncGenerator<Uint8Array>
  #chunk: Uint8Array = new Uint8Array()

  constructor(source: AsyncGenerator<Uint8Array>) {
    this.#source = source
  }

  async read(size: number): Promise<Uint8Array> {
    const piece = new Uint8Array(size)
    for (let filled = 0; filled < size;) {
      const chunk = await this.next()
      if (!chunk) throw new ArchiveError('archive_invalid', 'Cannot read the archive: it ends in the middle')
      const taken = chunk.subarray(0, size - filled)
      piece.set(taken, filled)
      filled += taken.length
      this.#chunk = chunk.subarray(taken.length)
    }
    return piece
  }

  /** What is left of the current chunk, or the next one; `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    const left = this.#chunk
    this.#chunk = new Uint8Array()
    if (left.length > 0) return left
    const { value, done } = await this.#source.next()
    return done ? undefined : (value as Uint8Array)
  }
}
