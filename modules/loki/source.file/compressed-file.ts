import type { Codec } from '@ingot/sdk'
import { LogsBatchBuilder } from '@ingot/telemetry'
import { InFlight } from './in-flight.ts'
import { lineEncoding } from './line-encoding.ts'
import type { PathWorld } from './path-tailer.ts'
import { hashHead, headBytesMax, type FilePosition } from './positions.ts'
import type { TailContext } from './tailed-file.ts'

/** Files are decompressed in memory. */
const compressedBytesMax = 64 * 2 ** 20
const textBytesMax = 512 * 2 ** 20
const batchLinesMax = 4096
/** Time between two looks whether the file has been replaced. */
const lookMs = 10_000

export interface CompressedOptions {
  readonly path: string
  readonly key: string
  readonly delayMs: number
  readonly codec: Codec
}

/** A gzip file: read once; its position counts decompressed bytes. A new file under the name is read again. */
export class CompressedFile {
  readonly #options: CompressedOptions
  readonly #world: PathWorld
  readonly #context: Omit<TailContext, 'committed'>

  constructor(options: CompressedOptions, world: PathWorld, context: Omit<TailContext, 'committed'>) {
    this.#options = options
    this.#world = world
    this.#context = context
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#world
    const { path, delayMs } = this.#options
    await clock.sleep(delayMs, { signal }).catch(() => undefined)
    while (!signal.aborted) {
      try {
        await this.#look(signal)
      } catch (error) {
        log.warn('compressed file could not be read', { path, error: String(error) })
      }
      await clock.sleep(lookMs, { signal }).catch(() => undefined)
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { fs, positions, total } = this.#world
    const { path, key, codec } = this.#options
    const stat = await fs.stat(path)
    if (!stat) return
    const known = positions.get(key)?.find((file) => file.identity === stat.identity)
    if (known?.finished) return
    const bytes = await fs.read(path, { bytesMax: compressedBytesMax })
    const headLength = Math.min(headBytesMax, bytes.length)
    const head = { headLength, headHash: hashHead(bytes, headLength) }
    const offset = known && known.headLength === headLength && known.headHash === head.headHash ? known.offset : 0
    const text = await codec.gunzip(bytes, textBytesMax)
    const inFlight = new InFlight(total, offset)
    const save = (finished: boolean) => {
      const position: FilePosition = { identity: stat.identity, offset: inFlight.committed, ...head, finished }
      positions.set(key, [position])
    }
    await this.#handOut(text, inFlight, signal, save)
    await inFlight.drained(signal)
    if (inFlight.empty && !signal.aborted) save(true)
  }

  async #handOut(
    text: Uint8Array,
    inFlight: InFlight,
    signal: AbortSignal,
    save: (finished: boolean) => void,
  ): Promise<void> {
    const { labels, encoding: name, stamp, counted, deliver } = this.#context
    const encoding = lineEncoding(name, text.subarray(0, 2))
    const builder = new LogsBatchBuilder(batchLinesMax)
    for (let start = inFlight.committed; start < text.length;) {
      await inFlight.room(signal)
      if (signal.aborted) return
      const from = start
      builder.adopt(text)
      const stream = builder.stream(labels)
      while (builder.count < batchLinesMax && start < text.length) {
        const found = encoding.newline(text, start, text.length)
        const { seconds, nanos } = stamp(1)
        encoding.append(builder, text, start, found < 0 ? text.length : found, stream, seconds, nanos)
        start = found < 0 ? text.length : found + encoding.unitBytes
      }
      const batch = builder.build()
      counted(batch.count, start - from)
      const settle = inFlight.add(start, start - from, batch.count)
      void deliver(batch).then((reached) => {
        if (settle(reached)) save(false)
      })
    }
  }
}
