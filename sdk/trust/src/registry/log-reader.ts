import { activeKeys, roleKeys, type RootDocument } from '../keys/root-document.ts'
import { parseCheckpoint, verifyCheckpoint, type Checkpoint } from '../log/checkpoint.ts'
import { leafBytes } from '../log/private-leaf.ts'
import { proveConsistency } from '../log/prove.ts'
import { parseNote } from '../log/signed-note.ts'
import { tileReader } from '../log/tile-reader.ts'
import { tilePath, tileWidth, type Tile } from '../log/tile.ts'
import { hashLeaf } from '../log/tree-hash.ts'
import { verifyConsistency, verifyInclusion, type TreeHead } from '../log/verify-proof.ts'
import type { PublicKey } from '../signing-key.ts'
import { z } from 'zod'

const checkpointBytesMax = 64 * 2 ** 10
const tileBytesMax = tileWidth * 32
const hashText = z.base64().max(44)

/** What a bundle says of its statement's place in the log. */
export const inclusionDocument = z.looseObject({
  index: z.int().min(0),
  /** Two for each of 53 levels are more than any proof has. */
  proof: z.array(hashText).max(106),
  checkpoint: z.string(),
  /** Of what is private: the log has a commitment to the statement, which this opens. */
  salt: z.base64().length(44).optional(),
})
export type InclusionDocument = z.infer<typeof inclusionDocument>

/** A log that has not just grown. `notes` are what the registry has said, or what is left of it. */
export class LogForkError extends Error {
  override readonly name = 'LogForkError'
  readonly notes: readonly [before: string, now: string]

  constructor(message: string, notes: readonly [string, string], options?: ErrorOptions) {
    super(message, options)
    this.notes = notes
  }
}

/** An earlier head of the log, and the text that is kept as evidence of it. */
export interface EarlierHead extends TreeHead {
  readonly note: string
}

export interface LogOptions {
  readonly origin: string
  readonly root: RootDocument
  /** The bytes at a path below the log's own. */
  readonly get: (path: string, bytesMax: number) => Promise<Uint8Array | undefined>
}

/** Reads a registry's log. What its server sends proves itself or is refused. */
export class LogReader {
  readonly #options: LogOptions

  constructor(options: LogOptions) {
    this.#options = options
  }

  /** The log as it is now: signed, and all of `earlier` its beginnings. @throws LogForkError for one that does not extend them. */
  async advance(earlier: readonly EarlierHead[]): Promise<Checkpoint> {
    const bytes = await this.#options.get('checkpoint', checkpointBytesMax)
    if (!bytes) throw new Error('found no checkpoint of its log')
    const now = this.#verified(bytes, activeKeys(this.#options.root, 'log'))
    for (const head of earlier) await this.#wantExtension(head, now)
    return now
  }

  /**
   * Proves that a statement stands where a bundle says, in the log as it was then. Keys that were revoked since have signed that
   * all the same: it counts only once the log of now has been shown to extend it.
   */
  include(statement: Uint8Array, { index, proof, checkpoint, salt }: InclusionDocument): EarlierHead {
    const head = this.#verified(checkpoint, roleKeys(this.#options.root, 'log'))
    verifyInclusion(
      hashLeaf(leafBytes(statement, salt)),
      index,
      head,
      proof.map((hash) => Buffer.from(hash, 'base64')),
    )
    return head
  }

  #verified(note: Uint8Array | string, keys: readonly PublicKey[]): Checkpoint {
    const { origin } = this.#options
    return verifyCheckpoint(note, { origin, keys })
  }

  async #wantExtension(before: EarlierHead, now: Checkpoint): Promise<void> {
    const fork = (found: string, cause?: unknown) =>
      new LogForkError(
        `its log has been rewritten or holds something back: it had ${before.size} leaves before, and ${found}`,
        [before.note, now.note],
        { cause },
      )
    if (now.size < before.size) throw fork(`has ${now.size} now`)
    const read = tileReader(now.size, (tile) => this.#tile(tile))
    const proof = await proveConsistency(before.size, now.size, read)
    try {
      verifyConsistency(before, now, proof)
    } catch (error) {
      throw fork(`its tiles do not show that its ${now.size} of now begin with them`, error)
    }
  }

  /** Of a tile that is full by now the part may be gone. */
  async #tile(tile: Tile): Promise<Uint8Array> {
    const path = (part: Tile): string => `tile/${tilePath(part)}`
    const bytes = await this.#options.get(path(tile), tileBytesMax)
    if (bytes) return bytes
    const full = tile.width < tileWidth && (await this.#options.get(path({ ...tile, width: tileWidth }), tileBytesMax))
    if (!full) throw new Error(`found no "${path(tile)}" of its log`)
    return full.subarray(0, tile.width * 32)
  }
}

/** What a note that was believed before names. */
export function earlierHead(note: string): EarlierHead {
  return { ...parseCheckpoint(parseNote(note).text), note }
}
