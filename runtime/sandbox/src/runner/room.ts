import type ivm from 'isolated-vm'
import { fromRunner, toRunner, type Frame } from '../protocol/frame.ts'
import type { LoadMessage, LostMessage } from '../protocol/messages.ts'
import { beforeCode } from '../prelude/bridge.ts'
import type { Addon } from './addon.ts'
import type { Connection } from './connection.ts'
import { bootCode, HostCalls, payloadOf } from './host-calls.ts'
import { lossOf } from './loss-of.ts'
import { Readings } from './readings.ts'

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
  /** What the module reads of clock and chance. */
  readonly readings = new Readings()
  readonly #calls: HostCalls
  #limits: LoadMessage['limits'] | undefined

  constructor(options: RoomOptions) {
    this.#options = options
    this.#addon = options.addon
    this.#calls = new HostCalls({ sink: options.connection, die: options.die, readings: this.readings })
    this.memoryMiB = options.memoryMiB
    this.#isolate = new options.addon.Isolate({ memoryLimit: options.memoryMiB })
    this.#context = this.#isolate.createContextSync()
    const callSync = new this.#addon.Callback((id: number, owner: number, payload: ArrayBuffer) => {
      this.#calls.count()
      return this.#callSync(id, owner, payload)
    })
    const callbacks = this.#calls.callbacks(this.#addon)
    const driver = this.#context.evalClosureSync(bootCode(options.prelude), [callSync, ...callbacks], {
      result: { reference: true },
      timeout: preludeTimeoutMs,
    }) as ivm.Reference
    this.#enter = driver.getSync('enter', { reference: true })
    this.#leave = driver.getSync('leave', { reference: true })
  }

  /** Evaluates the bundle and hands its default export to the driver. */
  load(message: LoadMessage, code: string, at: number): LostMessage | undefined {
    const { limits } = message
    this.#limits = limits
    this.readings.mode = message.readings
    return this.#bounded('load', () => {
      const options = { timeout: limits.initTimeoutMs }
      const module = this.#isolate.compileModuleSync(code, { filename: 'module.mjs' })
      module.instantiateSync(this.#context, (specifier: string) => {
        throw new Error(`Cannot import "${specifier.slice(0, 100)}": a sandboxed module has no imports`)
      })
      this.#enter.applySync(undefined, [beforeCode, 0, 0, 0, 0, message.sha256, at], options)
      module.evaluateSync(options)
      const definition = module.namespace.getSync('default', { reference: true }) as ivm.Reference
      this.#enter.applySync(
        undefined,
        [toRunner.load, 0, 0, 0, 0, JSON.stringify(message), at, definition.derefInto()],
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
      const args = [frame.kind, frame.flag, frame.index, frame.id, frame.owner, payloadOf(this.#addon, frame), frame.at]
      this.#enter.applySync(undefined, args, { timeout })
      this.#leave.applySync(undefined, [], { timeout })
    })
  }

  dispose(): void {
    if (!this.#isolate.isDisposed) this.#isolate.dispose()
  }

  #bounded(what: 'load' | 'turn', work: () => void): LostMessage | undefined {
    this.#calls.begin(this.#limits)
    const wallStart = performance.now()
    const cpuStart = process.cpuUsage()
    try {
      work()
      return undefined
    } catch (error) {
      const cpu = process.cpuUsage(cpuStart)
      const spent = { wallMs: performance.now() - wallStart, cpuMs: (cpu.user + cpu.system) / 1_000 }
      return lossOf(what, error, {
        spent,
        isolate: this.#isolate,
        limits: this.#limits,
        sink: this.#options.connection(),
      })
    }
  }

  #callSync(id: number, owner: number, payload: ArrayBuffer): string | ArrayBuffer {
    const connection = this.#options.connection()
    connection.queue({ kind: fromRunner.syncCall, id, owner }, new Uint8Array(payload))
    connection.flush()
    const answer = connection.readUntil((frame) => frame.kind === toRunner.syncResult && frame.id === id)
    return answer ? answer.payload.buffer : 'aborted'
  }
}
