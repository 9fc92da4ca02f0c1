import { mkdir, open, readdir, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { Appender } from '../segments/appender.ts'
import { recordHeader, scanRecords } from '../segments/record.ts'
import { setAside } from '../segments/set-aside.ts'
import { syncDirectory } from '../segments/sync-directory.ts'
import { decodeEntry, encodeEntry, type Entry } from './entry.ts'

/** Bytes of keys and values that one store holds, in memory and in its compacted log. */
export const storeBytesMax = 64 * 2 ** 20
/** What an entry takes beside its texts: empty keys must not be free. */
const entryBytes = 32
/** A log is rewritten when it is this large and twice as large as after the last time. */
const compactBytesMin = 1024 * 1024
/** Tries to read all logs while another lane is replacing some. */
const loadAttemptsMax = 100

export interface Lane {
  readonly index: number
  readonly count: number
}

/**
 * Durable keys and values of one component: a log per lane, each written by its lane alone and read by all at their
 * start. Logs of lanes that no longer run are taken over by lane `index % count`.
 */
export class StateStore {
  readonly #directory: string
  readonly #lane: Lane
  readonly #entries = new Map<string, Entry>()
  /** Keys whose newest entry is in this lane's log (or about to be). */
  readonly #own = new Set<string>()
  /** Keys that other lanes' logs hold too: their deletion must stay on record, or the old value would come back. */
  readonly #foreign = new Set<string>()
  #log!: Appender
  #sequence = 0
  #liveBytes = 0
  #compactAtBytes = compactBytesMin
  #compacting: Promise<void> | undefined
  #closed = false
  /** A write has failed: the log takes no more, and is to be written anew. */
  #broken = false
  /** Stretches of logs that could not be read and were set aside. */
  unreadable = 0

  private constructor(directory: string, lane: Lane) {
    this.#directory = directory
    this.#lane = lane
  }

  static async open(directory: string, lane: Lane): Promise<StateStore> {
    await mkdir(directory, { recursive: true })
    const store = new StateStore(directory, lane)
    await store.#load()
    return store
  }

  get(key: string): string | undefined {
    return this.#entries.get(key)?.value
  }

  keys(): readonly string[] {
    const keys: string[] = []
    for (const [key, entry] of this.#entries) if (entry.value !== undefined) keys.push(key)
    return keys
  }

  /** Whether a change of `key` to `value` would exceed `bytesMax`. */
  wouldExceed(key: string, value: string, bytesMax = storeBytesMax): boolean {
    const before = this.#entries.get(key)
    return this.#liveBytes - (before ? sizeOf(before) : 0) + sizeOf({ key, value, sequence: 0 }) > bytesMax
  }

  /** Resolves when the change is durable; `get` shows it at once. `undefined` deletes. */
  async put(key: string, value: string | undefined): Promise<void> {
    if (this.#closed) throw new Error('Cannot write state: it is closed')
    if (value === undefined && this.get(key) === undefined) return
    const entry = { key, value, sequence: ++this.#sequence }
    this.#apply(entry)
    this.#own.add(key)
    while (this.#compacting) await this.#compacting
    if (this.#broken) return this.#compact()
    try {
      await this.#log.append([encodeEntry(entry)]).durable
    } catch (error) {
      this.#broken = true
      throw error
    }
    if (this.#log.end > this.#compactAtBytes && !this.#closed) {
      // The change is durable whether the log gets shorter or not: a failure is met again at twice the size.
      this.#compactAtBytes = this.#log.end * 2
      await this.#compact().catch(() => {})
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    while (this.#compacting) await this.#compacting
    await this.#log.close()
  }

  async #load(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#loadOnce()
        return
      } catch (error) {
        // A log that was listed has been taken over by another lane, whose log has to be read again.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || attempt === loadAttemptsMax) throw error
      }
    }
  }

  async #loadOnce(): Promise<void> {
    this.#entries.clear()
    this.#own.clear()
    this.#foreign.clear()
    this.#liveBytes = 0
    this.unreadable = 0
    const mine = this.#lane.index
    const former: string[] = []
    let ownEnd = 0
    for (const { path, lane } of await listLogs(this.#directory)) {
      const bytes = await readFile(path)
      const { payloads, goodEnd, unreadable } = scanRecords(bytes)
      const takenOver = lane >= this.#lane.count && lane % this.#lane.count === mine
      if (lane === mine || takenOver) {
        this.unreadable += unreadable.length
        await setAside(path, bytes, unreadable)
      }
      for (const { start, end } of payloads) {
        const entry = decodeEntry(bytes.subarray(start, end))
        if (entry) this.#merge(entry, lane === mine || takenOver)
      }
      if (lane === mine) ownEnd = goodEnd
      else if (takenOver) former.push(path)
    }
    this.#log = await Appender.open(logPath(this.#directory, mine), ownEnd)
    if (former.length > 0) {
      await this.#compact()
      for (const path of former) await unlink(path)
    }
  }

  #merge(entry: Entry, own: boolean): void {
    this.#sequence = Math.max(this.#sequence, entry.sequence)
    if (!own) this.#foreign.add(entry.key)
    if ((this.#entries.get(entry.key)?.sequence ?? -1) >= entry.sequence) return
    this.#apply(entry)
    if (own) this.#own.add(entry.key)
    else this.#own.delete(entry.key)
  }

  #apply(entry: Entry): void {
    const before = this.#entries.get(entry.key)
    if (before) this.#liveBytes -= sizeOf(before)
    this.#liveBytes += sizeOf(entry)
    this.#entries.set(entry.key, entry)
  }

  #compact(): Promise<void> {
    this.#compacting ??= this.#rewrite().finally(() => {
      this.#compacting = undefined
    })
    return this.#compacting
  }

  /** Writes the newest entries of this lane into a new log that then takes the old one's name. */
  async #rewrite(): Promise<void> {
    const path = logPath(this.#directory, this.#lane.index)
    const bytes = this.#encodeOwn()
    const file = await open(`${path}.new`, 'w')
    try {
      await file.writeFile(bytes)
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(`${path}.new`, path)
    await syncDirectory(this.#directory)
    const before = this.#log
    this.#log = await Appender.open(path, bytes.length)
    this.#compactAtBytes = Math.max(compactBytesMin, bytes.length * 2)
    this.#broken = false
    // What waits in the old log is in the new one as well: changes are applied before they are appended.
    await before.close()
  }

  #encodeOwn(): Buffer {
    const chunks: Buffer[] = []
    let end = 0
    for (const key of this.#own) {
      const entry = this.#entries.get(key)!
      if (entry.value === undefined && !this.#foreign.has(key)) {
        this.#entries.delete(key)
        this.#own.delete(key)
        continue
      }
      const payload = encodeEntry(entry)
      const header = recordHeader([payload], end)
      chunks.push(header, payload)
      end += header.length + payload.length
    }
    return Buffer.concat(chunks)
  }
}

async function listLogs(directory: string): Promise<{ path: string; lane: number }[]> {
  const logs: { path: string; lane: number }[] = []
  for (const name of await readdir(directory)) {
    const lane = /^state\.(\d{1,6})\.log$/.exec(name)?.[1]
    if (lane !== undefined) logs.push({ path: join(directory, name), lane: Number(lane) })
  }
  return logs
}

function logPath(directory: string, lane: number): string {
  return join(directory, `state.${lane}.log`)
}

/** A deleted key weighs nothing: it is gone after the next rewrite. */
function sizeOf(entry: Entry): number {
  return entry.value === undefined ? 0 : entryBytes + entry.key.length + entry.value.length
}
