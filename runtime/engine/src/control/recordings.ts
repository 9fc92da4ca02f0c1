import { recordHeader } from '@ingot/capabilities'
import {
  encodeCodeEntry,
  encodeEndEntry,
  encodeHeaderEntry,
  engines,
  isSettledEntry,
  recordingMagic,
  recordingVersion,
} from '@ingot/sandbox'
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { BroadcastChannel } from 'node:worker_threads'
import type { RecordingMessage } from '../lane/recorder.ts'
import type { DesiredComponent } from './running-component.ts'

/** Of one recording: some minutes of a busy component. It is read into memory to be replayed. */
const recordingBytesMax = 256 * 2 ** 20
/** What may wait for a reader that is slower than the component. */
const pendingBytesMax = 32 * 2 ** 20
/** At once: each holds what waits for its reader. */
const recordingsMax = 4

export interface RecordingBounds {
  readonly durationMs: number
  /** Batches that are settled. */
  readonly batches: number
}

export type Recording = Readable

/** Why a component is not recorded, and whether it is there at all. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
  readonly status: 404 | 409 | 503

  constructor(status: 404 | 409 | 503, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * The recordings that are being made. Each begins with a fresh start of its component: whatever an isolate did before
 * cannot be read out of it, and what it does from then on follows from the frames that are recorded.
 */
export class Recordings {
  readonly #components = new Set<string>()

  /** @throws RecordingError */
  async start(
    component: DesiredComponent | undefined,
    bounds: RecordingBounds,
    restart: (channel: string) => Promise<string | undefined>,
  ): Promise<Recording> {
    const desired = this.#checked(component)
    this.#components.add(desired.id)
    try {
      const stream = new RecordingStream(desired, bounds, await readFile(desired.bundlePath))
      stream.readable.once('close', () => this.#components.delete(desired.id))
      void restart(stream.channel).then(
        (failed) => (failed === undefined ? stream.begin() : stream.end(`it could not be started: ${failed}`)),
        (error: Error) => stream.end(error.message),
      )
      return stream.readable
    } catch (error) {
      this.#components.delete(desired.id)
      throw error
    }
  }

  #checked(desired: DesiredComponent | undefined): DesiredComponent {
    if (!desired) throw new RecordingError(404, 'Cannot record the component: there is none of this id')
    const refuse = (status: 409 | 503, reason: string) =>
      new RecordingError(status, `Cannot record "${desired.id}": ${reason}`)
    if (desired.room !== 'runner') throw refuse(409, 'it runs in a lane, want one in a runner')
    if (desired.trusted) throw refuse(409, 'its module is vouched for and may know its secrets')
    if (this.#components.has(desired.id)) throw refuse(409, 'it is being recorded already')
    if (this.#components.size >= recordingsMax)
      throw refuse(503, `${recordingsMax} recordings are being made, want fewer`)
    return desired
  }
}

/** One recording on its way to its reader: the magic, then records with a checksum each. */
class RecordingStream {
  readonly channel = `ingot-recording-${randomUUID()}`
  readonly readable = new Readable({ read: () => {} })
  readonly #incoming = new BroadcastChannel(this.channel)
  readonly #bounds: RecordingBounds
  #position = 0
  #settled = 0
  #timer: NodeJS.Timeout | undefined
  #ended = false

  constructor({ id, manifest, module, sha256 }: DesiredComponent, bounds: RecordingBounds, code: Uint8Array) {
    this.#bounds = bounds
    this.#push(recordingMagic)
    const startedAt = new Date().toISOString()
    const header = { version: recordingVersion, component: id, name: manifest.name, module, sha256, engines: engines() }
    this.#write(encodeHeaderEntry({ ...header, startedAt }))
    this.#write(encodeCodeEntry(code))
    this.#incoming.addEventListener('message', (event) =>
      this.#receive((event as unknown as { readonly data: RecordingMessage }).data),
    )
    // The reader has gone away.
    this.readable.once('close', () => this.#close())
  }

  /** The component is started: from now on its time counts. */
  begin(): void {
    if (this.#ended) return
    this.#timer = setTimeout(() => this.end('its time is over'), this.#bounds.durationMs).unref()
  }

  end(reason: string): void {
    if (this.#ended) return
    this.#write(encodeEndEntry(reason))
    this.readable.push(null)
    this.#close()
  }

  #receive(message: RecordingMessage): void {
    if (this.#ended) return
    if (message.kind === 'stopped') this.end('the component was stopped')
    if (message.kind !== 'entry') return
    const { entry } = message
    if (this.#position + entry.length > recordingBytesMax)
      return this.end(`it has ${recordingBytesMax} bytes, which is the most`)
    this.#write(entry)
    if (this.readable.readableLength > pendingBytesMax) return this.end('its reader is too slow')
    if (isSettledEntry(entry) && ++this.#settled >= this.#bounds.batches) this.end('it has all batches')
  }

  #close(): void {
    if (this.#ended) return
    this.#ended = true
    clearTimeout(this.#timer)
    this.#incoming.postMessage({ kind: 'enough' } satisfies RecordingMessage)
    this.#incoming.close()
  }

  #write(entry: Uint8Array): void {
    this.#push(recordHeader([entry], this.#position))
    this.#push(entry)
  }

  #push(bytes: Uint8Array): void {
    this.readable.push(bytes)
    this.#position += bytes.length
  }
}
