import type { State } from '@ingot/sdk'

/** Rotated files that are remembered per path: their rest may still have to be read, or a pattern may find them again under their new name. */
const filesMax = 8
/** First bytes of a file that tell it from another one in the same inode. */
export const headBytesMax = 256

/** How far one file has been delivered. */
export interface FilePosition {
  /** Device and inode. */
  readonly identity: string
  /** Bytes whose lines are settled. */
  readonly offset: number
  /** Length and hash of the first bytes; the length is at most {@link headBytesMax} and at most `offset`. */
  readonly headLength: number
  readonly headHash: number
  /** The file was rotated away and read to its end. */
  readonly finished: boolean
}

/** The files of one path, the current one first. */
export type PathPosition = readonly FilePosition[]

/** FNV-1a over 32 bits: only to notice that a file's beginning has changed. */
export function hashHead(bytes: Uint8Array, length: number): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  return hash >>> 0
}

/** Positions of all paths over the component's durable state. */
export class Positions {
  readonly #state: State
  readonly #writing = new Map<string, { latest: PathPosition; dirty: boolean; done: Promise<void> }>()

  constructor(state: State) {
    this.#state = state
  }

  /** `undefined` when the path has none. @throws when it has one that cannot be read. */
  get(key: string): PathPosition | undefined {
    const text = this.#state.get(key)
    return text === undefined ? undefined : parsePosition(text)
  }

  /** The file with this identity under whatever path: how a renamed file that a pattern finds again is recognized. */
  findIdentity(identity: string): { readonly key: string; readonly position: FilePosition } | undefined {
    for (const key of this.#state.keys()) {
      const text = this.#state.get(key)
      if (text === undefined || !text.includes(JSON.stringify(identity))) continue
      const position = tryParse(text)?.find((file) => file.identity === identity)
      if (position) return { key, position }
    }
    return undefined
  }

  /** Writes are folded: while one is on its way to the disk, only the newest value waits. */
  set(key: string, position: PathPosition): void {
    const running = this.#writing.get(key)
    if (running) {
      running.latest = position
      running.dirty = true
      return
    }
    const entry = { latest: position, dirty: true, done: Promise.resolve() }
    this.#writing.set(key, entry)
    entry.done = this.#write(key, entry)
    // A position that could not be written stays where it was: what stands after it is sent again.
    entry.done.catch(() => undefined)
  }

  /** Resolves when everything set so far is durable. */
  async flush(): Promise<void> {
    await Promise.all([...this.#writing.values()].map((entry) => entry.done))
  }

  async #write(key: string, entry: { latest: PathPosition; dirty: boolean }): Promise<void> {
    try {
      while (entry.dirty) {
        entry.dirty = false
        await this.#state.set(key, formatPosition(entry.latest))
      }
    } finally {
      this.#writing.delete(key)
    }
  }
}

export function formatPosition(position: PathPosition): string {
  const files = position.slice(0, filesMax).map((file) => ({
    id: file.identity,
    offset: file.offset,
    head: [file.headLength, file.headHash],
    ...(file.finished && { finished: true }),
  }))
  return JSON.stringify({ version: 1, files })
}

/** @throws when the text is not a position. */
export function parsePosition(text: string): PathPosition {
  const position = tryParse(text)
  if (!position) throw new Error('Cannot read a file position: want the JSON that was written, found something else')
  return position
}

function tryParse(text: string): FilePosition[] | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  const files = (value as { files?: unknown } | null)?.files
  if (!Array.isArray(files) || files.length > filesMax) return undefined
  const positions = files.map(toPosition)
  return positions.every((position) => position !== undefined) ? positions : undefined
}

function toPosition(value: unknown): FilePosition | undefined {
  const { id, offset, head, finished } = (value ?? {}) as {
    id?: unknown
    offset?: unknown
    head?: unknown
    finished?: unknown
  }
  if (typeof id !== 'string' || !isCount(offset) || !Array.isArray(head)) return undefined
  const [headLength, headHash] = head as unknown[]
  if (!isCount(headLength) || !isCount(headHash) || headLength > headBytesMax) return undefined
  return { identity: id, offset, headLength, headHash, finished: finished === true }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
