import type ivm from 'isolated-vm'
import { fromRunner, toRunner, type Frame } from '../protocol/frame.ts'
import type { LoadMessage, LostMessage } from '../protocol/messages.ts'
import { beforeCode } from '../prelude/bridge.ts'
import type { Addon } from './addon.ts'
import { bootCode, HostCalls, payloadOf, type FrameSink } from './host-calls.ts'
import { lossOf } from './loss-of.ts'
import { Readings } from './readings.ts'

export interface InspectedRoomOptions {
  readonly addon: Addon
  readonly prelude: string
  readonly memoryMiB: number
  readonly sink: FrameSink
  /** Asks the lane, and resolves to its answer. */
  readonly ask: (id: number) => Promise<Uint8Array<ArrayBuffer> | undefined>
  readonly die: (reason: string) => never
  /** What the engine tells the debugger, as text of the Chrome DevTools Protocol. */
  readonly onMessage: (text: string) => void
}

/**
 * A room for authors: its isolate runs on a thread of its own, so that this one can talk with a debugger while the
 * module is paused. Time is not bounded. The isolate holds a reference to one function of the runner, which waits for
 * the lane's answers.
 */
export class InspectedRoom {
  readonly #options: InspectedRoomOptions
  readonly #isolate: ivm.Isolate
  readonly #session: ivm.InspectorSession
  readonly #calls: HostCalls
  #context!: ivm.Context
  #enter!: ivm.Reference
  #leave!: ivm.Reference
  #limits: LoadMessage['limits'] | undefined

  private constructor(options: InspectedRoomOptions) {
    this.#options = options
    this.#isolate = new options.addon.Isolate({ memoryLimit: options.memoryMiB, inspector: true })
    this.#session = this.#isolate.createInspectorSession()
    this.#session.onNotification = (text) => options.onMessage(text)
    this.#session.onResponse = (_id, text) => options.onMessage(text)
    this.#calls = new HostCalls({ sink: () => options.sink, die: options.die, readings: new Readings() })
  }

  static async open(options: InspectedRoomOptions): Promise<InspectedRoom> {
    const room = new InspectedRoom(options)
    const { addon, prelude } = options
    room.#context = await room.#isolate.createContext({ inspector: true })
    const callSync = new addon.Reference((id: number, owner: number, payload: ArrayBuffer) =>
      room.#callSync(id, owner, payload),
    )
    const waiting = '(...args) => $0.applySyncPromise(undefined, args, { arguments: { copy: true } })'
    const driver = (await room.#context.evalClosure(
      bootCode(prelude, waiting),
      [callSync, ...room.#calls.callbacks(addon)],
      {
        result: { reference: true },
      },
    )) as ivm.Reference
    room.#enter = (await driver.get('enter', { reference: true })) as ivm.Reference
    room.#leave = (await driver.get('leave', { reference: true })) as ivm.Reference
    return room
  }

  /** What the debugger asks. */
  inspect(text: string): void {
    this.#session.dispatchProtocolMessage(text)
  }

  load(message: LoadMessage, code: string, at: number): Promise<LostMessage | undefined> {
    this.#limits = message.limits
    return this.#bounded('load', async () => {
      const module = await this.#isolate.compileModule(code, { filename: 'file:///module.mjs' })
      await module.instantiate(this.#context, (specifier: string) => {
        throw new Error(`Cannot import "${specifier.slice(0, 100)}": a sandboxed module has no imports`)
      })
      await this.#enter.apply(undefined, [beforeCode, 0, 0, 0, 0, message.sha256, at])
      await module.evaluate()
      const definition = (await module.namespace.get('default', { reference: true })) as ivm.Reference
      const args = [toRunner.load, 0, 0, 0, 0, JSON.stringify(message), at, definition.derefInto()]
      await this.#enter.apply(undefined, args)
    })
  }

  turn(frame: Frame): Promise<LostMessage | undefined> {
    return this.#bounded('turn', async () => {
      const { kind, flag, index, id, owner } = frame
      await this.#enter.apply(undefined, [
        kind,
        flag,
        index,
        id,
        owner,
        payloadOf(this.#options.addon, frame),
        frame.at,
      ])
      await this.#leave.apply(undefined, [])
    })
  }

  async #bounded(what: 'load' | 'turn', work: () => Promise<void>): Promise<LostMessage | undefined> {
    this.#calls.begin(this.#limits)
    try {
      await work()
      return undefined
    } catch (error) {
      const spent = { wallMs: 0, cpuMs: 0 }
      return lossOf(what, error, { spent, isolate: this.#isolate, limits: this.#limits, sink: this.#options.sink })
    }
  }

  async #callSync(id: number, owner: number, payload: ArrayBuffer): Promise<unknown> {
    this.#calls.count()
    const { sink, ask } = this.#options
    const answer = ask(id)
    sink.queue({ kind: fromRunner.syncCall, id, owner }, new Uint8Array(payload))
    sink.flush()
    const bytes = await answer
    return bytes ? new this.#options.addon.ExternalCopy(bytes.buffer).copyInto({ release: true }) : 'aborted'
  }
}
