import { mkdir, readdir, rmdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { CapabilityError } from '@ingot/sdk'
import { Appender } from './appender.ts'
import { payloadBytesMax } from './record.ts'
import { encodePrefix, recordPrefixBytes, Segment, type StoredRecord } from './segment.ts'
import { syncDirectory } from './sync-directory.ts'

/** A segment that has reached this is followed by a new one: what is acknowledged is given back to the disk in such parts. */
const segmentBytesMax = 8 * 2 ** 20

interface Active {
  readonly segment: Segment
  readonly appender: Appender
}

/** Records on disk in one directory, handed out in order, forgotten when acknowledged. One process and thread owns it. */
export class SegmentQueue {
  readonly directory: string
  readonly #bytesMax: number
  readonly #segments = new Set<Segment>()
  #ready: StoredRecord[] = []
  #readyAt = 0
  readonly #taken = new Map<number, StoredRecord>()
  #active: Active | undefined
  #rolling: Promise<void> | undefined
  readonly #removing = new Set<Promise<void>>()
  #sequence = 0
  #appendingBytes = 0
  #closed = false
  readonly pending = { bytes: 0, records: 0, count: 0 }
  /** Stretches of files that could not be read at opening and were set aside. */
  unreadable = 0

  private constructor(directory: string, bytesMax: number) {
    this.directory = directory
    this.#bytesMax = bytesMax
  }

  /** Opens or makes the queue. `bytesMax` bounds the data that waits; what a former process left counts. */
  static async open(directory: string, options: { readonly bytesMax: number }): Promise<SegmentQueue> {
    await mkdir(directory, { recursive: true })
    const queue = new SegmentQueue(directory, options.bytesMax)
    await queue.#recover()
    return queue
  }

  /** Resolves when durable. `data` must not change until then. @throws CapabilityError `full`, `too_large`. */
  async append(data: Uint8Array, count: number): Promise<void> {
    if (data.length + recordPrefixBytes > payloadBytesMax || data.length > this.#bytesMax) {
      throw new CapabilityError(
        'too_large',
        `Cannot append a record of ${data.length} bytes: the queue takes at most ${Math.min(this.#bytesMax, payloadBytesMax)}`,
      )
    }
    if (this.pending.bytes + this.#appendingBytes + data.length > this.#bytesMax) {
      throw new CapabilityError(
        'full',
        `Cannot append ${data.length} bytes: ${this.pending.bytes} of ${this.#bytesMax} bytes wait`,
      )
    }
    this.#appendingBytes += data.length
    try {
      // Between the check and the append nothing may run: another append could close the segment.
      let active = this.#writable()
      while (!active) {
        await this.#startRoll()
        active = this.#writable()
      }
      await this.#appendTo(active, data, count)
    } finally {
      this.#appendingBytes -= data.length
    }
  }

  /** Takes the oldest record that is not handed out; `undefined` when there is none. */
  take(): StoredRecord | undefined {
    const record = this.#ready[this.#readyAt]
    if (!record) return undefined
    this.#readyAt++
    if (this.#readyAt > 1024 && this.#readyAt * 2 > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#readyAt)
      this.#readyAt = 0
    }
    this.#taken.set(record.sequence, record)
    return record
  }

  read(record: StoredRecord): Promise<Uint8Array> {
    return record.segment.read(record.position, record.length)
  }

  /** Forgets a record that was taken. */
  acknowledge(sequence: number): void {
    const record = this.#taken.get(sequence)
    if (!record) return
    this.#taken.delete(sequence)
    this.pending.bytes -= record.length
    this.pending.records--
    this.pending.count -= record.count
    record.segment.acknowledge(sequence)
    if (record.segment.live === 0 && record.segment !== this.#active?.segment) this.#remove(record.segment)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#rolling
    await this.#active?.appender.close()
    const active = this.#active?.segment
    this.#active = undefined
    if (active?.live === 0) this.#remove(active)
    await Promise.all([...this.#removing, ...[...this.#segments].map((segment) => segment.close())])
  }

  /** Closes the queue and removes its directory, where nothing is left in it. */
  async discard(): Promise<void> {
    await this.close()
    await rmdir(this.directory).catch(() => {})
  }

  /** Called when a record has become ready. */
  onReady: () => void = () => {}

  #add(record: StoredRecord): void {
    this.pending.bytes += record.length
    this.pending.records++
    this.pending.count += record.count
    this.#ready.push(record)
    this.onReady()
  }

  #writable(): Active | undefined {
    if (this.#closed) throw new CapabilityError('aborted', 'Cannot append: the queue is closed')
    return this.#active && this.#active.appender.end < segmentBytesMax ? this.#active : undefined
  }

  async #appendTo(active: Active, data: Uint8Array, count: number): Promise<void> {
    const { segment, appender } = active
    const sequence = ++this.#sequence
    segment.live++
    try {
      const { position, durable } = appender.append([encodePrefix(sequence, count), data])
      await durable
      this.#add({ sequence, segment, position: position + recordPrefixBytes, length: data.length, count })
    } catch (error) {
      segment.live--
      // A file whose write has failed takes no more: the next record starts another one.
      if (this.#active === active) this.#active = undefined
      await appender.close().catch(() => {})
      throw error
    }
  }

  #startRoll(): Promise<void> {
    this.#rolling ??= this.#roll().finally(() => {
      this.#rolling = undefined
    })
    return this.#rolling
  }

  async #roll(): Promise<void> {
    const before = this.#active
    await before?.appender.close()
    const first = this.#sequence + 1
    const segment = new Segment(join(this.directory, `${String(first).padStart(16, '0')}.seg`), first, true)
    const appender = await Appender.open(segment.path, 0)
    await syncDirectory(this.directory)
    this.#segments.add(segment)
    this.#active = { segment, appender }
    if (before?.segment.live === 0) this.#remove(before.segment)
  }

  #remove(segment: Segment): void {
    if (!this.#segments.delete(segment)) return
    // A file that cannot be removed is found again at the next start, with nothing left to hand out.
    const removing = segment
      .remove()
      .catch(() => {})
      .finally(() => this.#removing.delete(removing))
    this.#removing.add(removing)
  }

  async #recover(): Promise<void> {
    const names = await readdir(this.directory)
    const present = new Set(names)
    for (const name of names.sort()) {
      const [, first, kind] = /^(\d{16})\.seg(\.ack)?$/.exec(name) ?? []
      if (first === undefined) continue
      const path = join(this.directory, name)
      if (kind === '.ack') {
        if (!present.has(`${first}.seg`)) await unlink(path)
        continue
      }
      const segment = new Segment(path, Number(first), false)
      const { records, lastSequence, unreadable } = await segment.recover()
      this.#sequence = Math.max(this.#sequence, lastSequence)
      this.unreadable += unreadable
      this.#segments.add(segment)
      if (records.length === 0) this.#remove(segment)
      for (const record of records) this.#add(record)
    }
  }
}
