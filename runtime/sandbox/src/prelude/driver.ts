import type { ComponentDefinition, FunctionDefinition, Outcome, Output, Text as TextCodec } from '@ingot/sdk'
import { callFunction, Instance, type ArgumentsFrame, type OutputBinding } from '@ingot/sdk/host'
import { decodeFrame, encodeFrameParts, type Batch } from '@ingot/telemetry'
import { fromRunner, toRunner } from '../protocol/frame.ts'
import type { LoadMessage, ReplyMessage } from '../protocol/messages.ts'
import { countValues, decodeValue, encodeValue } from '../protocol/value.ts'
import { beforeCode, exactBuffer, type Bridge, type Enter } from './bridge.ts'
import { Calls, markSecret } from './calls.ts'
import { setTurn } from './clock-and-chance.ts'
import { describeError, describeStack } from './describe-error.ts'
import { makeEnv } from './env.ts'
import { TurnLedger } from './ledger.ts'

/** Runs one component in the isolate: turns the lane's frames into calls of the same driver that lanes use. */
export class Driver {
  readonly #bridge: Bridge
  readonly #text: TextCodec
  readonly #ledger: TurnLedger
  readonly #ports = new Map<number, string>()
  readonly #outputs = new Map<string, { readonly output: Output; receivers: number }>()
  /** Outcomes that stand for an error of a handler rather than for what it decided. */
  readonly #failures = new Set<Outcome>()
  #calls!: Calls
  #instance!: Instance
  /** Of a module's functions: there is no instance then. */
  #functions: readonly FunctionDefinition[] = []
  #load!: LoadMessage
  #seed = 0
  #endTurn: () => void = () => {}

  constructor(bridge: Bridge, text: TextCodec) {
    this.#bridge = bridge
    this.#text = text
    this.#ledger = new TurnLedger(bridge)
  }

  readonly enter: Enter = (kind, _flag, index, id, owner, payload, nowMs, definition) => {
    if (kind === beforeCode) {
      this.#seed = Number.parseInt((payload as string).slice(0, 8), 16) | 0
      setTurn(nowMs, this.#seed)
      return
    }
    if (kind === toRunner.load) {
      this.#loaded(JSON.parse(payload as string) as LoadMessage, definition)
      return
    }
    const turnOwner = kind === toRunner.resume ? this.#calls.ownerOf(id) : owner
    setTurn(nowMs, seedOf(this.#seed, turnOwner === 0 ? id : turnOwner, kind === toRunner.resume ? id : 0))
    this.#calls.beginTurn(turnOwner)
    this.#turn(kind, index, id, payload)
  }

  /** Ends a turn, when its microtasks have run. */
  readonly leave = (): void => {
    this.#ledger.flush(this.#calls.owner)
    this.#endTurn()
  }

  #turn(kind: number, index: number, id: number, payload: ArrayBuffer | string | undefined): void {
    switch (kind) {
      case toRunner.start:
        this.#reply(
          id,
          this.#instance.start.bind(this.#instance, JSON.parse(payload as string) as ArgumentsFrame, this.#exited),
        )
        break
      case toRunner.update:
        this.#reply(id, () =>
          this.#instance.update(JSON.parse(payload as string) as ArgumentsFrame, this.#exited, Infinity),
        )
        break
      case toRunner.stop:
        this.#reply(id, () => this.#instance.stop(Infinity))
        break
      case toRunner.debugInfo:
        this.#reply(id, () => this.#instance.debugInfo())
        break
      case toRunner.port:
        this.#ports.set(index, payload as string)
        break
      case toRunner.deliver:
        this.#deliver(index, id, payload as ArrayBuffer)
        break
      case toRunner.resume:
        this.#calls.resume(id, payload as ArrayBuffer)
        break
      case toRunner.callFunction:
        this.#reply(id, () => this.#callFunction(payload as ArrayBuffer))
        break
      case toRunner.invoke:
        this.#invoke(index, id, payload as ArrayBuffer)
        break
      default:
        throw new Error(`Cannot run a turn of kind ${kind}: no such kind`)
    }
  }

  #callFunction(payload: ArrayBuffer): unknown {
    const [name, args] = decodeValue(new Uint8Array(payload)) as [string, readonly unknown[]]
    const definition = this.#functions.find((each) => each.name === name)
    if (!definition) throw new Error('its module has no such function')
    const answer = callFunction(definition, args, (error) => this.#describe(error))
    const { exportsBytesMax } = this.#load.limits
    const { length } = encodeValue(answer)
    return length > exportsBytesMax
      ? { error: `its result has ${length} bytes, at most ${exportsBytesMax} are allowed` }
      : answer
  }

  #loaded(load: LoadMessage, definition: unknown): void {
    if (load.functions) {
      if (!Array.isArray(definition))
        throw new Error('Cannot load the functions: the default export is no list of them')
      this.#functions = definition as readonly FunctionDefinition[]
    } else if (
      typeof definition !== 'object' ||
      definition === null ||
      typeof (definition as { run?: unknown }).run !== 'function'
    ) {
      throw new Error('Cannot load the component: its default export is not what defineComponent returns')
    }
    this.#load = load
    const bridge = this.#bridge
    this.#calls = new Calls({
      bridge,
      callsPerTurnMax: load.limits.hostCallsMax,
      argumentBytesMax: load.limits.hostArgumentBytesMax,
    })
    const { env, endTurn } = makeEnv({ load, bridge, calls: this.#calls, text: this.#text })
    this.#endTurn = endTurn
    this.#instance = new Instance(definition as ComponentDefinition, {
      id: load.component,
      env,
      ledger: this.#ledger,
      output: (binding) => this.#output(binding),
      exportsChanged: (exports) => this.#exportsChanged(exports),
      healthChanged: (state, message) => this.#post(fromRunner.health, 0, encodeValue([state, this.#cut(message)])),
      handlerFailed: (error) => this.#handlerFailed(error),
    })
  }

  #deliver(port: number, id: number, payload: ArrayBuffer): void {
    const receive = async (): Promise<Outcome> => {
      try {
        return await this.#instance.receive(this.#ports.get(port) ?? '', decodeFrame(new Uint8Array(payload)))
      } catch (error) {
        return this.#handlerFailed(error)
      }
    }
    const settle = (outcome: Outcome): void => {
      const failed = this.#failures.delete(outcome)
      const plain = plainOutcome(outcome, this.#load.limits.errorTextBytesMax)
      this.#ledger.flush(id)
      this.#bridge.post(fromRunner.settled, failed ? 1 : 0, 0, id, id, JSON.stringify(plain))
    }
    void receive().then((outcome) => {
      try {
        settle(outcome)
      } catch (error) {
        settle(this.#handlerFailed(error))
      }
    })
  }

  #exportsChanged(exports: unknown): void {
    if (typeof exports !== 'object' || exports === null || Array.isArray(exports))
      throw new TypeError('Cannot set the exports: want an object')
    const { exportsBytesMax } = this.#load.limits
    const encoded = encodeValue(exports, markSecret)
    if (encoded.length > exportsBytesMax)
      throw new RangeError(
        `Cannot set the exports: they have ${encoded.length} bytes, at most ${exportsBytesMax} are allowed`,
      )
    this.#checkValues('Cannot set the exports', encoded)
    this.#post(fromRunner.exports, 0, encoded)
  }

  #invoke(callback: number, id: number, payload: ArrayBuffer): void {
    const answered = this.#calls.invoke(callback, payload).then((value) => this.#encodeAnswer({ value }))
    void answered.then(
      (encoded) => this.#post(fromRunner.invoked, id, encoded),
      (error: unknown) =>
        this.#post(fromRunner.invoked, id, encodeValue({ error: { name: 'Error', message: this.#describe(error) } })),
    )
  }

  /** An error of `run` before its first await also ends up here: `start` itself throws only for its arguments. */
  #reply(id: number, work: () => unknown): void {
    const answered = (async () =>
      this.#encodeAnswer({ ok: true, value: (await work()) ?? null } satisfies ReplyMessage))()
    void answered.then(
      (encoded) => this.#post(fromRunner.reply, id, encoded),
      (error: unknown) => {
        const message: ReplyMessage = { ok: false, error: this.#cut(issuesOf(error) ?? this.#describe(error)) }
        this.#post(fromRunner.reply, id, encodeValue(message))
      },
    )
  }

  #encodeAnswer(answer: object): Uint8Array<ArrayBuffer> {
    const encoded = encodeValue(answer)
    this.#checkValues('Cannot answer', encoded)
    return encoded
  }

  /** The lane takes more for the work of a hostile runner. */
  #checkValues(action: string, encoded: Uint8Array): void {
    const { valuesMax } = this.#load.limits
    if (encoded.length > valuesMax && countValues(encoded) > valuesMax)
      throw new RangeError(`${action}: the value has more than ${valuesMax} parts`)
  }

  readonly #exited = (error: Error | undefined): void => {
    const stack = error && describeStack(error, this.#load.limits.errorStackBytesMax)
    this.#post(fromRunner.exited, 0, encodeValue({ error: error ? this.#describe(error) : null, stack: stack ?? null }))
  }

  #output(binding: OutputBinding): Output {
    const key = JSON.stringify(binding.path)
    const known = this.#outputs.get(key)
    if (known) {
      known.receivers = binding.receivers.length
      return known.output
    }
    const index = this.#outputs.size
    const calls = this.#calls
    const entry = {
      receivers: binding.receivers.length,
      output: Object.freeze({
        emit: (batch: Batch) => calls.emit(index, encodeFrameParts(batch)) as Promise<Outcome>,
        get receivers(): number {
          return entry.receivers
        },
      }) as Output,
    }
    this.#outputs.set(key, entry)
    return entry.output
  }

  #handlerFailed(error: unknown): Outcome {
    const stack = describeStack(error, this.#load.limits.errorStackBytesMax)
    const outcome: Outcome = { status: 'dropped', reason: this.#describe(error) }
    this.#failures.add(outcome)
    this.#bridge.post(
      fromRunner.log,
      0,
      0,
      0,
      0,
      JSON.stringify({
        level: 'error',
        message: `batch failed in the component: ${outcome.reason}`,
        ...(stack && { fields: { stack } }),
      }),
    )
    return outcome
  }

  #describe(error: unknown): string {
    return describeError(error, this.#load.limits.errorTextBytesMax)
  }

  #cut(text: unknown): string {
    return String(text).slice(0, this.#load.limits.errorTextBytesMax)
  }

  #post(kind: number, id: number, payload: Uint8Array): void {
    const { owner } = this.#calls
    const refusal = this.#bridge.post(kind, 0, 0, id, owner, exactBuffer(payload))
    if (refusal === '' || (kind !== fromRunner.invoked && kind !== fromRunner.reply)) return
    // Whoever asked waits for an answer.
    const message = {
      error: `the answer is larger than the ${this.#load.limits.outputBytesMax} bytes of a turn's output`,
    }
    this.#bridge.post(kind, 0, 0, id, owner, exactBuffer(encodeValue(message)))
  }
}

/** Chance of the code and the batch alone, and other for each turn that the batch takes. */
function seedOf(code: number, batch: number, turn: number): number {
  return (code ^ Math.imul(batch, 0x9e3779b9) ^ Math.imul(turn, 0x85ebca6b)) | 0
}

/** A schema's own error lists issues by path; people read `endpoint.0.url: …`. Whatever was thrown may be none. */
function issuesOf(error: unknown): string | undefined {
  try {
    const { issues } = error as {
      readonly issues?: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]
    }
    if (!Array.isArray(issues)) return undefined
    return issues.map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`).join('; ')
  } catch {
    return undefined
  }
}

/** What a handler returned may be anything; what is sent is an outcome, or says that it was none. */
function plainOutcome(outcome: unknown, textMax: number): Record<string, unknown> {
  if (typeof outcome !== 'object' || outcome === null) return {}
  const { status, reason, retryAfterMs } = outcome as Readonly<Record<string, unknown>>
  return {
    status: typeof status === 'string' ? status.slice(0, textMax) : undefined,
    reason: typeof reason === 'string' ? reason.slice(0, textMax) : undefined,
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
  }
}
