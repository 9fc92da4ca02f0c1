import { dropped, refused, type Outcome } from '@ingot/sdk'
import type { ArgumentPath, ArgumentsFrame } from '@ingot/sdk/host'
import { decodeFrame, type Batch } from '@ingot/telemetry'
import { createHash } from 'node:crypto'
import { ModuleQuarantinedError, type RunnerControl, type RunnerEvent } from '../control.ts'
import type { Limits } from '../limits.ts'
import { fromRunner, toRunner, type Frame } from '../protocol/frame.ts'
import type { LedgerMessage, LogMessage, MetricMessage, ReplyMessage } from '../protocol/messages.ts'
import { decodeValue, encodeValue } from '../protocol/value.ts'
import { BrokerCalls, type Broker } from './broker-calls.ts'
import { Delivery, type Settlement } from './delivery.ts'
import { QuarantineDirectory } from './quarantine-directory.ts'
import { readExports, readHealth, readLedger, readLog, readMetric, readOutcome } from './runner-claims.ts'
import { IsolateLostError, RunnerSession, type Loss } from './runner-session.ts'

/** What a channel tells the room that it belongs to. */
export interface ChannelEvents {
  /** The module emits a batch: checked, and to be sent on by the output at that argument's path. */
  emit(path: ArgumentPath, batch: Batch): Promise<Outcome>
  exports(exports: Record<string, unknown>): void
  health(state: 'healthy' | 'unhealthy', message: string): void
  /** `run` ended, or the component cannot be started again. */
  exited(error: Error | undefined): void
  /** Counts that belong to no delivery. */
  ledger(counts: LedgerMessage): void
  log(entry: LogMessage): void
  metric(metric: MetricMessage): void
  /** An isolate or a runner was lost, and is being replaced. */
  lost(loss: Loss): void
}

export interface ChannelOptions {
  /** Id of the component instance. */
  readonly component: string
  readonly code: Uint8Array
  /** Of {@link code}, as the manifest states it. */
  readonly sha256: string
  readonly capabilities: readonly string[]
  /** What `env` shows without a call, by property. */
  readonly values: Readonly<Record<string, unknown>>
  readonly limits: Limits
  readonly control: RunnerControl
  readonly broker: Broker
  readonly quarantineDir: string
  /** What happens to batches while the module is quarantined. */
  readonly onQuarantine: 'block' | 'drop'
  readonly events: ChannelEvents
}

type State = 'idle' | 'starting' | 'ready' | 'quarantined' | 'failed' | 'stopped'
interface Reply {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

const none = new Uint8Array(0)
/** Output of a component that belongs to no delivery and whose fate is open. */
const looseBytesMax = 32 * 1024 * 1024
/** Deliveries that were given up and may still be heard of. */
const condemnedMax = 10_000

/** The lane's half of a runner: keeps batches until their fate is settled, sends on what is valid, believes nothing. */
export class RunnerChannel {
  readonly #options: ChannelOptions
  readonly #session: RunnerSession
  readonly #calls: BrokerCalls
  readonly #quarantine: QuarantineDirectory
  readonly #ports = new Map<string, number>()
  /** By the number that the isolate gives an output: it numbers their paths in the order in which it meets them. */
  #outputs: { readonly key: string; readonly path: ArgumentPath }[] = []
  readonly #open = new Map<number, Delivery>()
  readonly #condemned = new Set<number>()
  readonly #waiting: (() => void)[] = []
  readonly #replies = new Map<number, Reply>()
  #state: State = 'idle'
  /** Counts isolates: what an earlier one was waiting for is not answered to a later one. */
  #generation = 0
  #frame: ArgumentsFrame | undefined
  #secrets: ReadonlyMap<string, string> = new Map()
  #lastId = 0
  #openBytes = 0
  #looseBytes = 0
  #emitsRunning = 0
  #pausedUntil = 0
  #quietSince = 0
  #stallTimer: NodeJS.Timeout | undefined

  /** @throws when the code is not what the manifest says, or larger than a bundle may be. */
  constructor(options: ChannelOptions) {
    const { code, sha256, limits, component } = options
    checkBundle(options)
    this.#options = options
    this.#quarantine = new QuarantineDirectory(options.quarantineDir, limits.quarantineBytesMax)
    this.#session = new RunnerSession({
      component,
      code,
      sha256,
      capabilities: options.capabilities,
      values: options.values,
      limits,
      control: options.control,
      onFrame: (frame) => this.#receive(frame),
      onLost: (loss) => this.#lost(loss),
      onEvent: (event) => this.#controlEvent(event),
    })
    this.#calls = new BrokerCalls({
      broker: options.broker,
      capabilities: options.capabilities,
      resultBytesMax: limits.hostResultBytesMax,
      textBytesMax: limits.errorTextBytesMax,
      secret: (name) => this.#secrets.get(name),
      invoke: (callback, args) => this.#invoke(callback, args),
    })
  }

  /** @throws when the module cannot be loaded or refuses its arguments. */
  async start(frame: ArgumentsFrame): Promise<void> {
    this.#adopt(frame)
    await this.#bringUp()
  }

  /** Gives the running component new arguments. @throws when it refuses them: then the old ones stay in force. */
  async update(frame: ArgumentsFrame): Promise<void> {
    const former = this.#frame
    const plain = this.#adopt(frame)
    this.#numberOutputs(plain)
    try {
      await this.#ask(toRunner.update, Buffer.from(JSON.stringify(plain)), this.#initAllowance)
    } catch (error) {
      if (former) this.#adopt(former)
      throw error
    }
  }

  /** Hands a batch's frame to the component. Settles with its fate; never throws. The bytes must not change until then. */
  deliver(port: string, frame: Uint8Array, count: number): Promise<Settlement> {
    const { limits, onQuarantine } = this.#options
    if (this.#state === 'stopped' || this.#state === 'failed') return settled(refused('stopped'), 'stopped')
    if (frame.length > limits.batchBytesMax) return settled(dropped('batch_too_large'), 'error')
    if (this.#state === 'quarantined' && onQuarantine === 'drop') return settled(dropped('module_quarantined'), 'error')
    if (this.#waiting.length >= limits.waitingMax) return settled(refused('busy'), 'stopped')
    return new Promise((resolve) => {
      const begin = (): void => this.#begin(new Delivery({ id: this.#nextId(), port, frame, count, settle: resolve }))
      if (this.#waiting.length === 0 && this.#admits(frame.length)) begin()
      else this.#waiting.push(begin)
    })
  }

  /** Asks the component to stop; true when it did, with all its batches settled, within the time. */
  async stop(withinMs: number): Promise<boolean> {
    const wasReady = this.#state === 'ready'
    this.#state = 'stopped'
    const waiting = this.#waiting.splice(0)
    for (const begin of waiting) begin()
    const stopping = wasReady ? this.#ask(toRunner.stop, none, withinMs).then(() => this.#idle()) : Promise.resolve()
    const stopped = await Promise.race([
      stopping.then(
        () => true,
        () => false,
      ),
      new Promise<false>((resolve) => setTimeout(() => resolve(false), withinMs).unref()),
    ])
    await this.close()
    return stopped
  }

  async debugInfo(): Promise<unknown> {
    return this.#state === 'ready' ? this.#ask(toRunner.debugInfo, none) : undefined
  }

  /** Ends the runner without asking. Batches whose fate is open are refused: they are the sender's again. */
  async close(): Promise<void> {
    this.#state = 'stopped'
    this.#generation++
    clearInterval(this.#stallTimer)
    this.#calls.reset()
    for (const reply of this.#replies.values()) reply.reject(new IsolateLostError('The component is stopped'))
    this.#replies.clear()
    for (const delivery of this.#open.values())
      this.#settle(delivery, { outcome: refused('stopped'), by: 'stopped', ledger: [] })
    await this.#session.close()
  }

  // ------------------------------------------------------------ coming up, and again

  get #initAllowance(): number {
    return this.#options.limits.initTimeoutMs + this.#options.limits.batchDeadlineMs
  }

  /** Loads and starts the component, again and again while isolates are lost on the way. */
  async #bringUp(): Promise<void> {
    this.#state = 'starting'
    for (;;) {
      try {
        const generation = ++this.#generation
        this.#ports.clear()
        this.#outputs = []
        await this.#session.load()
        this.#numberOutputs(this.#frame!)
        await this.#ask(toRunner.start, Buffer.from(JSON.stringify(this.#frame)), this.#initAllowance)
        if (this.#generation !== generation || this.#stopped()) return
        this.#state = 'ready'
        for (const delivery of this.#open.values()) this.#send(delivery)
        this.#pump()
        return
      } catch (error) {
        if (this.#stopped()) return
        if (error instanceof IsolateLostError) continue
        this.#state = error instanceof ModuleQuarantinedError ? 'quarantined' : 'failed'
        if (this.#state === 'failed') this.#giveUp()
        throw error
      }
    }
  }

  #stopped(): boolean {
    return this.#state === 'stopped'
  }

  #lost(loss: Loss): void {
    this.#generation++
    this.#calls.reset()
    this.#options.events.lost(loss)
    const blamed = this.#open.get(loss.owner)
    if (blamed && !blamed.blame(loss.starved)) void this.#setAside(blamed, loss)
    for (const delivery of this.#open.values()) delivery.rewind()
    const wasStarting = this.#state === 'starting'
    const replies = [...this.#replies.values()]
    this.#replies.clear()
    // While starting, the one who waits for the reply tries again.
    for (const reply of replies) reply.reject(new IsolateLostError(`${loss.reason}: ${loss.detail}`))
    if (!wasStarting && !this.#stopped()) this.#bringUpAgain()
  }

  #bringUpAgain(): void {
    this.#bringUp().catch((error: Error) => {
      const { events } = this.#options
      events.health('unhealthy', error.message)
      if (!(error instanceof ModuleQuarantinedError)) events.exited(error)
      else if (this.#options.onQuarantine === 'drop') this.#giveUp()
    })
  }

  /** A batch that took its isolate with it twice. */
  async #setAside(delivery: Delivery, loss: Loss): Promise<void> {
    const { id, port, frame, count } = delivery
    this.#open.delete(id)
    this.#openBytes -= frame.length
    this.#condemn(id)
    const reason = `${loss.reason}: ${loss.detail}`
    const kept = await this.#quarantine.keep({ component: this.#options.component, port, count, reason, frame })
    delivery.settle({
      outcome: dropped(kept ? 'quarantined' : 'quarantine_full'),
      by: kept ? 'quarantine' : 'error',
      ledger: [],
    })
    this.#pump()
  }

  #controlEvent(event: RunnerEvent): void {
    if (event.event === 'throttle') {
      this.#pausedUntil = performance.now() + event.pauseMs
      setTimeout(() => this.#pump(), event.pauseMs).unref()
    } else if (event.event === 'resumed' && this.#state === 'quarantined') {
      this.#bringUpAgain()
    }
  }

  // ------------------------------------------------------------ deliveries

  #admits(bytes: number): boolean {
    const { windowBatchesMax, windowBytesMax } = this.#options.limits
    if (this.#state !== 'ready' || performance.now() < this.#pausedUntil) return false
    return this.#open.size === 0 || (this.#open.size < windowBatchesMax && this.#openBytes + bytes <= windowBytesMax)
  }

  /** Lets waiting batches in. The size of the next one is not known here: the window may be exceeded by one batch. */
  #pump(): void {
    while (this.#waiting.length > 0 && this.#admits(0)) this.#waiting.shift()!()
  }

  #begin(delivery: Delivery): void {
    if (this.#stopped() || this.#state === 'failed') {
      delivery.settle({ outcome: refused('stopped'), by: 'stopped', ledger: [] })
      return
    }
    this.#open.set(delivery.id, delivery)
    this.#openBytes += delivery.frame.length
    this.#quietSince = performance.now()
    this.#stallTimer ??= setInterval(() => this.#findStalled(), this.#options.limits.batchDeadlineMs / 4).unref()
    this.#send(delivery)
  }

  #send(delivery: Delivery): void {
    let port = this.#ports.get(delivery.port)
    if (port === undefined) {
      port = this.#ports.size
      this.#ports.set(delivery.port, port)
      this.#session.turn({ kind: toRunner.port, index: port }, Buffer.from(delivery.port))
    }
    this.#session.turn({ kind: toRunner.deliver, index: port, id: delivery.id, owner: delivery.id }, delivery.frame)
  }

  #settle(delivery: Delivery, settlement: Settlement): void {
    if (!this.#open.delete(delivery.id)) return
    this.#openBytes -= delivery.frame.length
    if (this.#open.size === 0) {
      clearInterval(this.#stallTimer)
      this.#stallTimer = undefined
    }
    delivery.settle(settlement)
    this.#pump()
  }

  #giveUp(): void {
    for (const delivery of this.#open.values())
      this.#settle(delivery, { outcome: refused('stopped'), by: 'stopped', ledger: [] })
    for (const begin of this.#waiting.splice(0)) begin()
  }

  /** A component that awaits nothing of the host and has not settled its batches never will. */
  #findStalled(): void {
    const now = performance.now()
    if (this.#state !== 'ready' || this.#session.turns > 0 || this.#emitsRunning > 0 || this.#calls.running > 0)
      this.#quietSince = now
    if (now - this.#quietSince < this.#options.limits.batchDeadlineMs) return
    for (const delivery of this.#open.values()) {
      this.#condemn(delivery.id)
      this.#options.events.log({
        level: 'error',
        message: 'batch dropped: the component waits for something that cannot happen',
      })
      this.#settle(delivery, { outcome: dropped('stalled'), by: 'error', ledger: delivery.ledger })
    }
  }

  #condemn(id: number): void {
    this.#condemned.add(id)
    if (this.#condemned.size > condemnedMax) this.#condemned.delete(this.#condemned.values().next().value!)
  }

  async #idle(): Promise<void> {
    while (this.#open.size > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  // ------------------------------------------------------------ what the runner says

  #receive(frame: Frame): void {
    this.#quietSince = performance.now()
    const { events, limits } = this.#options
    switch (frame.kind) {
      case fromRunner.settled:
        this.#settledByComponent(frame)
        break
      case fromRunner.emit:
        this.#emitted(frame)
        break
      case fromRunner.call:
      case fromRunner.syncCall:
        void this.#call(frame)
        break
      case fromRunner.abort:
        this.#calls.abort(frame.id)
        break
      case fromRunner.ledger:
        this.#count(frame.owner, readLedger(frame.payload))
        break
      case fromRunner.log: {
        const entry = readLog(frame.payload, limits)
        this.#tell(() => events.log(entry))
        break
      }
      case fromRunner.metric: {
        const metric = readMetric(frame.payload)
        this.#tell(() => events.metric(metric))
        break
      }
      case fromRunner.exports: {
        const exports = readExports(frame.payload, limits)
        this.#tell(() => events.exports(exports))
        break
      }
      case fromRunner.health: {
        const [state, message] = readHealth(frame.payload, limits)
        this.#tell(() => events.health(state, message))
        break
      }
      case fromRunner.exited: {
        const error = exitError(frame.payload, limits)
        this.#tell(() => events.exited(error))
        break
      }
      case fromRunner.reply:
      case fromRunner.invoked:
        this.#replied(frame)
        break
      default:
        throw new Error(`it sent a frame of kind ${frame.kind}, which is none`)
    }
  }

  /** What the room throws is its own error, and no violation of the module's. */
  #tell(inform: () => void): void {
    try {
      inform()
    } catch (error) {
      this.#options.events.log({
        level: 'error',
        message: `what the component said was not taken: ${(error as Error).message}`,
      })
    }
  }

  #settledByComponent(frame: Frame): void {
    const delivery = this.#open.get(frame.id)
    if (!delivery) return
    const failed = frame.flag === 1
    const outcome = readOutcome(frame.payload, this.#options.limits)
    this.#settle(delivery, {
      outcome,
      by: failed ? 'error' : 'component',
      ledger: delivery.ledger,
      frameDone: delivery.sentOnce,
    })
  }

  #emitted(frame: Frame): void {
    const { limits } = this.#options
    const delivery = this.#open.get(frame.owner)
    if (delivery && !delivery.admits(frame.payload.length, limits.outputPerInputMax, limits.outputBytesMax)) {
      this.#resume(
        frame,
        encodeValue({
          error: {
            name: 'CapabilityError',
            code: 'too_large',
            message: `Cannot emit: output is bounded to ${limits.outputPerInputMax} times the input`,
          },
        }),
      )
      return
    }
    if (this.#condemned.has(frame.owner) || (!delivery && this.#looseBytes + frame.payload.length > looseBytesMax)) {
      this.#resume(frame, encodeValue({ value: refused('busy') }))
      return
    }
    // Checked here, before anyone uses it: a frame that is not a batch is the work of a hostile module.
    const batch = decodeFrame(frame.payload)
    const output = this.#outputs[frame.index]
    if (!output) throw new Error(`it emitted to output ${frame.index}, which it does not have`)
    const send = () => this.#options.events.emit(output.path, batch)
    const outcome = delivery ? delivery.emit(frame.index, frame.payload, send) : send()
    const bytes = delivery ? 0 : frame.payload.length
    this.#looseBytes += bytes
    this.#emitsRunning++
    const generation = this.#generation
    void outcome
      .catch((error: Error): Outcome => refused(error.message))
      .then((settled) => {
        this.#looseBytes -= bytes
        this.#emitsRunning--
        if (generation === this.#generation) this.#resume(frame, encodeValue({ value: settled }))
      })
  }

  async #call(frame: Frame): Promise<void> {
    const generation = this.#generation
    const sync = frame.kind === fromRunner.syncCall
    if (sync) this.#session.pause()
    const answer = await this.#calls.answer(frame.id, frame.payload, sync)
    if (generation !== this.#generation) return
    if (sync) this.#session.answer(frame.id, answer)
    else this.#resume(frame, answer)
  }

  #resume(frame: Frame, payload: Uint8Array): void {
    this.#session.turn({ kind: toRunner.resume, id: frame.id, owner: frame.owner }, payload)
  }

  #count(owner: number, counts: LedgerMessage): void {
    const delivery = this.#open.get(owner)
    if (delivery && counts.queued === undefined) delivery.ledger.push(counts)
    else if (!this.#condemned.has(owner)) this.#tell(() => this.#options.events.ledger(counts))
  }

  // ------------------------------------------------------------ questions to the component

  #ask(kind: number, payload: Uint8Array, allowanceMs?: number): Promise<unknown> {
    const id = this.#nextId()
    return new Promise((resolve, reject) => {
      this.#replies.set(id, { resolve, reject })
      this.#session.turn({ kind, id }, payload, allowanceMs)
    })
  }

  #invoke(callback: number, args: readonly unknown[]): Promise<unknown> {
    const id = this.#nextId()
    return new Promise((resolve, reject) => {
      this.#replies.set(id, { resolve, reject })
      this.#session.turn({ kind: toRunner.invoke, index: callback, id }, encodeValue(args))
    })
  }

  #replied(frame: Frame): void {
    const reply = this.#replies.get(frame.id)
    if (!reply) return
    this.#replies.delete(frame.id)
    const message = decodeValue(frame.payload) as Partial<ReplyMessage> & { readonly error?: unknown }
    const failure =
      typeof message.error === 'string' ? message.error : (message.error as { message?: unknown } | undefined)?.message
    if (failure === undefined) reply.resolve(message.value)
    else reply.reject(new Error(String(failure).slice(0, this.#options.limits.errorTextBytesMax)))
  }

  #nextId(): number {
    this.#lastId = (this.#lastId % 0xffff_fffe) + 1
    return this.#lastId
  }

  #numberOutputs(frame: ArgumentsFrame): void {
    for (const { path } of frame.outputs) {
      const key = JSON.stringify(path)
      if (!this.#outputs.some((known) => known.key === key)) this.#outputs.push({ key, path })
    }
  }

  /** Keeps the arguments, with names in place of secrets: their text never leaves the lane. */
  #adopt(frame: ArgumentsFrame): ArgumentsFrame {
    const secrets = new Map<string, string>()
    const value = structuredClone(frame.value)
    for (const path of frame.secrets) {
      let parent = value as Record<string | number, unknown>
      for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>
      const name = `secret:${JSON.stringify(path)}`
      secrets.set(name, String(parent[path.at(-1)!]))
      parent[path.at(-1)!] = name
    }
    this.#secrets = secrets
    this.#frame = { value, outputs: frame.outputs, secrets: frame.secrets }
    return this.#frame
  }
}

function checkBundle({ code, sha256, limits, component }: ChannelOptions): void {
  if (code.length > limits.bundleBytesMax) {
    throw new Error(
      `Cannot run ${component}: its bundle has ${code.length} bytes, at most ${limits.bundleBytesMax} are allowed`,
    )
  }
  const found = createHash('sha256').update(code).digest('hex')
  if (found !== sha256)
    throw new Error(`Cannot run ${component}: its bundle has the hash ${found}, its manifest says ${sha256}`)
}

function settled(outcome: Outcome, by: Settlement['by']): Promise<Settlement> {
  return Promise.resolve({ outcome, by, ledger: [] })
}

function exitError(payload: Uint8Array, limits: Limits): Error | undefined {
  const { error } = decodeValue(payload) as { readonly error?: unknown }
  return typeof error === 'string' ? new Error(error.slice(0, limits.errorTextBytesMax)) : undefined
}
