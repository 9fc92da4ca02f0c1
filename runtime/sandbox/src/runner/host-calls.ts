import type ivm from 'isolated-vm'
import { toRunner, type Frame, type FrameHead } from '../protocol/frame.ts'
import type { RoomLimits } from '../protocol/messages.ts'
import type { Addon } from './addon.ts'
import { alone, runKernel } from './kernels.ts'
import { parseUrl } from './parse-url.ts'
import type { Readings } from './readings.ts'

/** Posts that end the runner at once: the driver stops a module long before, so whoever comes here holds the bridge. */
const postsPerTurnMax = 20_000

const none = new Uint8Array(0)
const utf8 = new TextEncoder()

/** Where frames for the lane go. */
export interface FrameSink {
  queue(head: FrameHead, ...payload: readonly Uint8Array[]): void
  flush(): void
}

export interface HostCallsOptions {
  readonly sink: () => FrameSink
  /** Ends the process for a violation that no honest module can commit. */
  readonly die: (reason: string) => never
  readonly readings: Readings
}

/** What boots the driver in an empty context, from the synchronous call to the lane and {@link HostCalls.callbacks}. */
export function bootCode(prelude: string, callSync = '$0'): string {
  return `${prelude}; return prelude.boot({ callSync: ${callSync}, post: $1, decodeText: $2, encodeText: $3, kernel: $4, now: $5, monotonic: $6, random: $7, parseUrl: $8 })`
}

/** The functions of the runner that the driver is handed, and their bounds during one turn. */
export class HostCalls {
  readonly #options: HostCallsOptions
  #limits: RoomLimits | undefined
  #posts = 0
  #postedBytes = 0

  constructor(options: HostCallsOptions) {
    this.#options = options
  }

  /** Begins a turn. */
  begin(limits: RoomLimits | undefined): void {
    this.#limits = limits
    this.#posts = 0
    this.#postedBytes = 0
  }

  count(): void {
    if (++this.#posts > postsPerTurnMax) this.#options.die('host call flood')
  }

  /** Anonymous on purpose: names of host functions would show in the isolate. */
  callbacks(addon: Addon): ivm.Callback[] {
    const { Callback } = addon
    const { readings } = this.#options
    return [
      new Callback(
        (
          kind: number,
          flag: number,
          index: number,
          id: number,
          owner: number,
          payload: string | ArrayBuffer | undefined,
          tail?: ArrayBuffer,
          from?: number,
          to?: number,
        ) => this.#post({ kind, flag, index, id, owner }, payload, tail && Buffer.from(tail).subarray(from, to)),
      ),
      new Callback((bytes: ArrayBuffer, from: number, to: number) => Buffer.from(bytes).toString('utf8', from, to)),
      new Callback((text: string) => alone(utf8.encode(text))),
      new Callback((operation: string, bytes: ArrayBuffer, bytesMax: number) => runKernel(operation, bytes, bytesMax)),
      new Callback(() => readings.read(() => Date.now())),
      new Callback(() => readings.read(() => performance.now())),
      new Callback(() => readings.read(() => Math.random())),
      new Callback((text: string, base?: string, part?: string, value?: string) => parseUrl(text, base, part, value)),
    ]
  }

  #post(head: FrameHead, payload: string | ArrayBuffer | undefined, tail: Uint8Array = none): string {
    const bytes =
      payload === undefined ? undefined : typeof payload === 'string' ? Buffer.from(payload) : new Uint8Array(payload)
    this.count()
    const posted = this.#postedBytes + (bytes?.length ?? 0) + tail.length
    if (this.#limits && posted > this.#limits.outputBytesMax) return 'too_large'
    this.#postedBytes = posted
    this.#options.sink().queue(head, bytes ?? none, tail)
    return ''
  }
}

/** What a frame brings, as it goes into the isolate. */
export function payloadOf(addon: Addon, frame: Frame): unknown {
  switch (frame.kind) {
    case toRunner.start:
    case toRunner.update:
    case toRunner.port:
      return Buffer.from(frame.payload.buffer, frame.payload.byteOffset, frame.payload.length).toString()
    default:
      if (frame.payload.length === 0) return undefined
      // In by transfer, out by copy: memory that an isolate has given away must not outlive it.
      return new addon.ExternalCopy(frame.payload.buffer, { transferOut: true }).copyInto({
        release: true,
        transferIn: true,
      })
  }
}
