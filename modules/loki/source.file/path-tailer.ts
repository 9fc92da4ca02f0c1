import type { Clock, FileReader, Logger, OpenFile } from '@ingot/sdk'
import { InFlight, type InFlightTotal } from './in-flight.ts'
import { fileToResume, headMatches, findRotated, lastLineStart, renamedFrom } from './resume.ts'
import { hashHead, type FilePosition, type PathPosition, type Positions } from './positions.ts'
import { TailedFile, type TailContext } from './tailed-file.ts'

/** Finished files of a path that are remembered, to recognize them under a new name. */
const finishedMax = 4
/** How long a renamed file that a pattern finds under its new name is left to the old one. */
const busyMs = 30_000
/** How long a rotated file must be quiet before it counts as finished: writers reopen their log some time after the rename. */
const quietMs = 5000

export interface PathOptions {
  readonly path: string
  /** Key of the path's position. */
  readonly key: string
  readonly fromEnd: boolean
  readonly onPositionError: 'restart_from_beginning' | 'restart_from_end' | 'skip'
  /** Offset that another program has left for the path. */
  readonly legacyOffset: number | undefined
  readonly pollMinMs: number
  readonly pollMaxMs: number
}

export interface PathWorld {
  readonly fs: FileReader
  readonly clock: Clock
  readonly log: Logger
  readonly positions: Positions
  readonly total: InFlightTotal
}

interface Rotated {
  readonly file: TailedFile
  /** Monotonic time since which it has had nothing new. */
  quietSince: number
  finishing: boolean
}

/**
 * Follows one path: the file that has the name now, and those that had it and may not be finished. Rotation is noticed
 * by polling, by the file's identity, its size and its first bytes.
 */
export class PathTailer {
  readonly #options: PathOptions
  readonly #world: PathWorld
  readonly #context: TailContext
  #current: TailedFile | undefined
  #rotated: Rotated[] = []
  #finished: FilePosition[] = []
  #started = false
  #busySince: number | undefined

  constructor(options: PathOptions, world: PathWorld, context: Omit<TailContext, 'committed'>) {
    this.#options = options
    this.#world = world
    this.#context = { ...context, committed: () => this.#save() }
  }

  /** Follows the path until the signal fires, then lets go of its files. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#world
    let waitMs = this.#options.pollMinMs
    while (!signal.aborted) {
      let progress = false
      try {
        progress = await this.#step()
      } catch (error) {
        if (!signal.aborted) log.warn('file could not be read', { path: this.#options.path, error: String(error) })
      }
      waitMs = progress ? this.#options.pollMinMs : Math.min(waitMs * 2, this.#options.pollMaxMs)
      await clock.sleep(waitMs, { signal }).catch(() => undefined)
    }
    await this.#close()
  }

  async #step(): Promise<boolean> {
    if (!this.#started && !(await this.#resume())) return false
    let progress = await this.#pumpRotated()
    if (this.#current) {
      const result = await this.#current.pump()
      if (result === 'truncated') await this.#startOver()
      progress ||= result !== 'idle'
    }
    // Looked up only now: an older answer could be about the file before the one that is open.
    const stat = await this.#world.fs.stat(this.#options.path)
    if (this.#current && stat?.identity !== this.#current.identity) {
      this.#rotateAway(this.#current)
      this.#current = undefined
    }
    const back = this.#rotated.find(({ file, finishing }) => !finishing && file.identity === stat?.identity)
    if (!this.#current && back) {
      this.#rotated = this.#rotated.filter((other) => other !== back)
      this.#current = back.file
    }
    if (!this.#current && stat && !stat.isDirectory) {
      await this.#openNew()
      progress = true
    }
    return progress
  }

  /** The first look: continues what the stored position says. @returns whether the path is followed from now on */
  async #resume(): Promise<boolean> {
    const { positions, log } = this.#world
    const { path, key, onPositionError } = this.#options
    let stored: PathPosition | undefined
    let fromEnd = this.#options.fromEnd
    try {
      stored = positions.get(key)
    } catch (error) {
      log.error('position of a file cannot be read', { path, error: String(error), action: onPositionError })
      if (onPositionError === 'skip') return false
      fromEnd = onPositionError === 'restart_from_end'
    }
    for (const position of stored ?? []) await this.#resumeFile(position)
    const stat = await this.#world.fs.stat(path)
    if (!this.#current && stat && !stat.isDirectory) {
      if (stored === undefined) await this.#openFirst(fromEnd)
      else await this.#openNew()
    }
    this.#started = true
    return true
  }

  async #resumeFile(position: FilePosition): Promise<void> {
    const { fs, log } = this.#world
    if (position.finished) {
      this.#finished.push(position)
      return
    }
    const { path } = this.#options
    const stat = await fs.stat(path)
    if (!this.#current && stat?.identity === position.identity) {
      const file = await fileToResume(fs, path, position)
      if (file) {
        this.#current = this.#tailed(file, position)
        return
      }
    }
    const name = await findRotated(fs, path, position.identity)
    const file = name === undefined || name === path ? undefined : await fileToResume(fs, name, position)
    if (file) this.#rotateAway(this.#tailed(file, position))
    else log.warn('file has changed or is gone since it was last read', { path, offset: position.offset })
  }

  /** A path without a position: at its beginning or end, or where another program or another name of the file was. */
  async #openFirst(fromEnd: boolean): Promise<void> {
    const { legacyOffset } = this.#options
    await this.#openNew((size, file) => {
      if (legacyOffset !== undefined && legacyOffset <= size) return legacyOffset
      return fromEnd ? lastLineStart(file, size) : 0
    })
    if (this.#current) this.#save()
  }

  async #openNew(startAt: (size: number, file: OpenFile) => number | Promise<number> = () => 0): Promise<void> {
    const { fs, positions, clock } = this.#world
    const { path, key } = this.#options
    const file = await fs.open(path)
    const opened = await file.stat()
    const renamed = await renamedFrom(fs, positions, file, opened.identity, key)
    if (renamed && !renamed.finished) {
      this.#busySince ??= clock.monotonic()
      if (clock.monotonic() - this.#busySince < busyMs) return file.close()
    }
    this.#busySince = undefined
    const offset = await startAt(opened.size, file)
    const returned = this.#finished.find(({ identity }) => identity === opened.identity)
    const known = renamed ?? (returned && (await headMatches(file, returned)) ? returned : undefined)
    this.#current = this.#tailed(
      file,
      known ? { ...known, finished: false } : { ...beginning(opened.identity), offset },
    )
    if (known) this.#save()
  }

  /** The file was truncated: what was kept of its last line is handed out, and it is read from its beginning. */
  async #startOver(): Promise<void> {
    const old = this.#current!
    await old.flushPartial()
    // Not opened anew by its name, which may be another file's by now.
    this.#current = this.#tailed(old.release(), beginning(old.identity))
    await this.#current.pump()
  }

  async #pumpRotated(): Promise<boolean> {
    const now = this.#world.clock.monotonic()
    let progress = false
    for (const rotated of this.#rotated) {
      if (rotated.finishing) continue
      const result = await rotated.file.pump()
      if (result === 'progress') {
        rotated.quietSince = now
        progress = true
        continue
      }
      if (result === 'idle' && now - rotated.quietSince < quietMs) continue
      rotated.finishing = true
      await rotated.file.flushPartial()
      void this.#finishRotated(rotated)
    }
    return progress
  }

  /** Beside the loop: the current file goes on while the last lines of the old one are on their way. */
  async #finishRotated(rotated: Rotated): Promise<void> {
    const gone = await rotated.file.unlinked().catch(() => true)
    await rotated.file.finish()
    const position = rotated.file.filePosition
    if (!position.finished) return
    this.#rotated = this.#rotated.filter((other) => other !== rotated)
    // A deleted file's inode may be given to its successor: remembering it would skip that one's first lines.
    if (!gone) this.#finished = [position, ...this.#finished].slice(0, finishedMax)
    this.#save()
  }

  #rotateAway(file: TailedFile): void {
    this.#rotated.push({ file, quietSince: this.#world.clock.monotonic(), finishing: false })
  }

  #tailed(file: OpenFile, position: FilePosition): TailedFile {
    return new TailedFile(file, this.#context, position, new InFlight(this.#world.total, position.offset))
  }

  #save(): void {
    const current = this.#current ? [this.#current.filePosition] : []
    const rotated = this.#rotated.map(({ file }) => file.filePosition)
    this.#world.positions.set(this.#options.key, [...current, ...rotated, ...this.#finished])
  }

  async #close(): Promise<void> {
    const files = [...(this.#current ? [this.#current] : []), ...this.#rotated.map(({ file }) => file)]
    await Promise.all(files.map((file) => file.close()))
  }
}

function beginning(identity: string): FilePosition {
  return { identity, offset: 0, headLength: 0, headHash: hashHead(new Uint8Array(0), 0), finished: false }
}
