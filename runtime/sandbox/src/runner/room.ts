import type ivm from 'isolated-vm'
import { fromRunner, toRunner, type Frame } from '../protocol/frame.ts'
import type { LoadMessage, LostMessage } from '../protocol/messages.ts'
import type { Addon } from './addon.ts'
import type { Connection } from './connection.ts'
import { dedicated, runKernel } from './kernels.ts'
import { parseUrl } from './parse-url.ts'

/** Posts that end the runner at once: the driver stops a module long before, so whoever comes here holds the bridge. */
const postsPerTurnMax = 20_000
const preludeTimeoutMs = 2_000

export interface RoomOptions {
  readonly addon: Addon
  readonly prelude: string
  readonly memoryMiB: number
  readonly connection: () => Connection
  /** Ends the process for a violation that no honest module can commit. */
  readonly die: (reason: string) => never
}

/** One isolate with the driver in it. It runs one component, and is thrown away with its first timeout or memory error. */
export class Room {
  readonly memoryMiB: number
  readonly #isolate: ivm.Isolate
  readonly #context: ivm.Context
  readonly #enter: ivm.Reference
  readonly #leave: ivm.Reference
  readonly #addon: Addon
  readonly #options: RoomOptions
  #limits: LoadMessage['limits'] | undefined
  #posts = 0
  #postedBytes = 0

  constructor(options: RoomOptions) {
    this.#options = options
    this.#addon = options.addon
    this.memoryMiB = options.memoryMiB
    this.#isolate = new options.addon.Isolate({ memoryLimit: options.memoryMiB })
    this.#context = this.#isolate.createContextSync()
    const driver = this.#context.evalClosureSync(
      `${options.prelude}; return prelude.boot({ post: $0, callSync: $1, decodeText: $2, encodeText: $3, kernel: $4, now: $5, monotonic: $6, random: $7, parseUrl: $8 })`,
      this.#callbacks(),
      { result: { reference: true }, timeout: preludeTimeoutMs },
    ) as ivm.Reference
    this.#enter = driver.getSync('enter', { reference: true })
    this.#leave = driver.getSync('leave', { reference: true })
  }

  /** Evaluates the bundle and hands its default export to the driver. */
  load(message: LoadMessage, code: string): LostMessage | undefined {
    const { limits } = message
    this.#limits = limits
    return this.#bounded('load', () => {
      const options = { timeout: limits.initTimeoutMs }
      const module = this.#isolate.compileModuleSync(code, { filename: 'module.mjs' })
      module.instantiateSync(this.#context, (specifier: string) => {
        throw new Error(`Cannot import "${specifier.slice(0, 100)}": a sandboxed module has no imports`)
      })
      module.evaluateSync(options)
      const definition = module.namespace.getSync('default', { reference: true }) as ivm.Reference
      this.#enter.applySync(
        undefined,
        [toRunner.load, 0, 0, 0, 0, JSON.stringify(message), Date.now(), definition.derefInto()],
        options,
      )
    })
  }

  /** Runs what one frame asks for, and the microtasks that follow. */
  turn(frame: Frame): LostMessage | undefined {
    const timeout =
      frame.kind === toRunner.start || frame.kind === toRunner.update
        ? this.#limits!.initTimeoutMs
        : this.#limits!.turnTimeoutMs
    return this.#bounded('turn', () => {
      const args = [frame.kind, frame.flag, frame.index, frame.id, frame.owner, this.#payload(frame), Date.now()]
      this.#enter.applySync(undefined, args, { timeout })
      this.#leave.applySync(undefined, [], { timeout })
    })
  }

  dispose(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose()
  }

  #bounded(what: 'load' | 'turn', work: () => void): LostMessage | undefined {
    this.#posts = 0
    this.#postedBytes = 0
    const wallStart = performance.now()
    const cpuStart = process.cpuUsage()
    try {
      work()
      return undefined
    } catch (error) {
      const cpu = process.cpuUsage(cpuStart)
      const spent = { wallMs: performance.now() - wallStart, cpuMs: (cpu.user + cpu.system) / 1_000 }
      return this.#lost(what, error, spent)
    }
  }

  #lost(what: 'load' | 'turn', error: unknown, spent: { wallMs: number; cpuMs: number }): LostMessage | undefined {
    const text = textOf(error)
    if (/timed out/i.test(text)) return { reason: 'timeout', ...spent }
    if (/memory limit|out of memory|allocation failed/i.test(text) || this.#isolate.isDisposed) {
      return { reason: /disposed/i.test(text) && !/memory/i.test(text) ? 'disposed' : 'memory', ...spent }
    }
    const cut = text.slice(0, this.#limits?.errorTextBytesMax ?? 0)
    if (what === 'load') return { reason: 'load', error: cut, ...spent }
    // A rejection that nobody handles surfaces here: the component's own affair, and its batch is settled elsewhere.
    this.#options
      .connection()
      .queue(
        { kind: fromRunner.log },
        Buffer.from(JSON.stringify({ level: 'error', message: `unhandled error in the component: ${cut}` })),
      )
    return undefined
  }

  #payload(frame: Frame): unknown {
    switch (frame.kind) {
      case toRunner.start:
      case toRunner.update:
      case toRunner.port:
        return Buffer.from(frame.payload.buffer, frame.payload.byteOffset, frame.payload.length).toString()
      default:
        if (frame.payload.length === 0) return undefined
        // In by transfer, out by copy: memory that an isolate has given away must not outlive it.
        return new this.#addon.ExternalCopy(frame.payload.buffer, { transferOut: true }).copyInto({
          release: true,
          transferIn: true,
        })
    }
  }

  /** Anonymous on purpose: names of host functions would show in the isolate. */
  #callbacks(): ivm.Callback[] {
    const { Callback } = this.#addon
    return [
      new Callback(
        (
          kind: number,
          flag: number,
          index: number,
          id: number,
          owner: number,
          payload: string | ArrayBuffer | undefined,
        ) => this.#post(kind, flag, index, id, owner, payload),
      ),
      new Callback((id: number, owner: number, payload: ArrayBuffer) => this.#callSync(id, owner, payload)),
      new Callback((bytes: ArrayBuffer) => Buffer.from(bytes).toString()),
      new Callback((text: string) => dedicated(Buffer.from(text))),
      new Callback((operation: string, bytes: ArrayBuffer, bytesMax: number) => runKernel(operation, bytes, bytesMax)),
      new Callback(() => Date.now()),
      new Callback(() => performance.now()),
      new Callback(() => Math.random()),
      new Callback((text: string, base?: string, part?: string, value?: string) => parseUrl(text, base, part, value)),
    ]
  }

  #post(
    kind: number,
    flag: number,
    index: number,
    id: number,
    owner: number,
    payload: string | ArrayBuffer | undefined,
  ): string {
    const bytes =
      payload === undefined ? undefined : typeof payload === 'string' ? Buffer.from(payload) : new Uint8Array(payload)
    if (++this.#posts > postsPerTurnMax) this.#options.die('host call flood')
    const posted = this.#postedBytes + (bytes?.length ?? 0)
    if (this.#limits && posted > this.#limits.outputBytesMax) return 'too_large'
    this.#postedBytes = posted
    this.#options.connection().queue({ kind, flag, index, id, owner }, bytes)
    return ''
  }

  #callSync(id: number, owner: number, payload: ArrayBuffer): string | ArrayBuffer {
    if (++this.#posts > postsPerTurnMax) this.#options.die('host call flood')
    const connection = this.#options.connection()
    connection.queue({ kind: fromRunner.syncCall, id, owner }, new Uint8Array(payload))
    connection.flush()
    const answer = connection.readUntil((frame) => frame.kind === toRunner.syncResult && frame.id === id)
    return answer ? answer.payload.buffer : 'aborted'
  }
}

/** A module's error that crossed over as a copy; its properties may be anything. */
function textOf(error: unknown): string {
  const message = (error as { readonly message?: unknown } | null)?.message
  return typeof message === 'string' ? message : typeof error === 'string' ? error : 'an error without a message'
}
