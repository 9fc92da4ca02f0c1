import { dropped, refused, type Outcome } from '@ingot/sdk'
import type { ArgumentsFrame } from '@ingot/sdk/host'
import { decodeFrame } from '@ingot/telemetry'
import { ModuleQuarantinedError, type RunnerEvent } from '../control.ts'
import { fromRunner, toRunner, type Frame } from '../protocol/frame.ts'
import type { LedgerMessage } from '../protocol/messages.ts'
import { encodeValue } from '../protocol/value.ts'
import { BrokerCalls } from './broker-calls.ts'
import type { ChannelOptions } from './channel-options.ts'
import { checkBundle } from './check-bundle.ts'
import { ComponentArguments } from './component-arguments.ts'
import { Delivery, type Settlement } from './delivery.ts'
import { DeliveryWindow } from './delivery-window.ts'
import { QuarantineDirectory } from './quarantine-directory.ts'
import { Questions } from './questions.ts'
import { relayClaim, tell } from './relay-claim.ts'
import { readLedger, readOutcome } from './runner-claims.ts'
import { IsolateLostError, RunnerSession, type Loss } from './runner-session.ts'

type State = 'idle' | 'starting' | 'ready' | 'quarantined' | 'failed' | 'stopped'
const none = new Uint8Array(0)
const startPollMs = 5
/** Output of a component that belongs to no delivery and whose fate is open. */
const looseBytesMax = 32 * 1024 * 1024
/** The lane's half of a runner: keeps batches until their fate is settled, sends on what is valid, believes nothing. */
export class RunnerChannel {
  readonly #options: ChannelOptions
  readonly #session: RunnerSession
  readonly #calls: BrokerCalls
  readonly #quarantine: QuarantineDirectory
  readonly #ports = new Map<string, number>()
  readonly #arguments = new ComponentArguments()
  readonly #window: DeliveryWindow
  readonly #questions: Questions
  #state: State = 'idle'
  /** Counts isolates: what an earlier one was waiting for is not answered to a later one. */
  #generation = 0
  #lastId = 0
  #looseBytes = 0
  #emitsRunning = 0
  #pausedUntil = 0
  #quietSince = 0
  #stallTimer: NodeJS.Timeout | undefined

  /** @throws when the code is not what the manifest says, or larger than a bundle may be. */
  constructor(options: ChannelOptions) {
    const { code, sha256, limits, component } = options
    checkBundle(component, code, sha256, limits.bundleBytesMax)
    this.#options = options
    this.#window = new DeliveryWindow(limits, () => this.#state === 'ready' && performance.now() >= this.#pausedUntil)
    this.#questions = new Questions(limits.errorTextBytesMax)
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
      secret: (name) => this.#arguments.secret(name),
      invoke: (callback, args) => this.#invoke(callback, args),
    })
  }

  /** @throws when the module cannot be loaded or refuses its arguments. */
  async start(frame: ArgumentsFrame): Promise<void> {
    this.#arguments.adopt(frame)
    await this.#bringUp()
  }

  /** Gives the running component new arguments. @throws when it refuses them: then the old ones stay in force. */
  async update(frame: ArgumentsFrame): Promise<void> {
    while (this.#state === 'starting') await new Promise((resolve) => setTimeout(resolve, startPollMs))
    const former = this.#arguments.frame
    const plain = this.#arguments.adopt(frame)
    // A quarantined module gets them when it is resumed.
    if (this.#state === 'quarantined') return
    this.#arguments.numberOutputs()
    try {
      await this.#ask(toRunner.update, Buffer.from(JSON.stringify(plain)), this.#initAllowance)
    } catch (error) {
      if (former) this.#arguments.adopt(former)
      throw error
    }
  }

  /** Hands a batch's frame to the component. Settles with its fate; never throws. The bytes must not change until then. */
  deliver(port: string, frame: Uint8Array, count: number): Promise<Settlement> {
    const { limits, onQuarantine } = this.#options
    if (this.#state === 'stopped' || this.#state === 'failed') return settled(refused('stopped'), 'stopped')
    if (frame.length > limits.batchBytesMax) return settled(dropped('batch_too_large'), 'error')
    if (this.#state === 'quarantined' && onQuarantine === 'drop') return settled(dropped('module_quarantined'), 'error')
    if (this.#window.full) return settled(refused('busy'), 'stopped')
    return new Promise((resolve) => {
      const begin = (): void => this.#begin(new Delivery({ id: this.#nextId(), port, frame, count, settle: resolve }))
      this.#window.admit(frame.length, begin)
    })
  }

  /** Asks the component to stop; true when it did, with all its batches settled, within the time. */
  async stop(withinMs: number): Promise<boolean> {
    const wasReady = this.#state === 'ready'
    this.#state = 'stopped'
    this.#window.release()
    const stopping = wasReady
      ? this.#ask(toRunner.stop, none, withinMs).then(() => this.#window.idle())
      : Promise.resolve()
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
    this.#questions.rejectAll(new IsolateLostError('The component is stopped'))
    this.#giveUp()
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
        this.#arguments.forgetOutputs()
        await this.#session.load()
        this.#arguments.numberOutputs()
        await this.#ask(toRunner.start, Buffer.from(JSON.stringify(this.#arguments.frame)), this.#initAllowance)
        if (this.#generation !== generation || this.#stopped()) return
        this.#state = 'ready'
        for (const delivery of this.#window.all()) this.#send(delivery)
        this.#window.pump()
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
    const blamed = this.#window.get(loss.owner)
    if (blamed && !blamed.blame(loss.starved)) void this.#setAside(blamed, loss)
    for (const delivery of this.#window.all()) delivery.rewind()
    const wasStarting = this.#state === 'starting'
    // While starting, the one who waits for the answer tries again.
    this.#questions.rejectAll(new IsolateLostError(`${loss.reason}: ${loss.detail}`))
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
    const { port, frame, count } = delivery
    this.#window.remove(delivery)
    this.#window.condemn(delivery)
    const reason = `${loss.reason}: ${loss.detail}`
    const kept = await this.#quarantine.keep({ component: this.#options.component, port, count, reason, frame })
    delivery.settle({
      outcome: dropped(kept ? 'quarantined' : 'quarantine_full'),
      by: kept ? 'quarantine' : 'error',
      ledger: [],
    })
    this.#window.pump()
  }

  #controlEvent(event: RunnerEvent): void {
    if (event.event === 'throttle') {
      this.#pausedUntil = performance.now() + event.pauseMs
      setTimeout(() => this.#window.pump(), event.pauseMs).unref()
    } else if (event.event === 'resumed' && this.#state === 'quarantined') {
      this.#bringUpAgain()
    }
  }

  // ------------------------------------------------------------ deliveries

  #begin(delivery: Delivery): void {
    const { limits, onQuarantine } = this.#options
    if (this.#state === 'quarantined' && onQuarantine === 'drop') {
      delivery.settle({ outcome: dropped('module_quarantined'), by: 'error', ledger: [] })
    } else if (this.#stopped() || this.#state === 'failed') {
      delivery.settle({ outcome: refused('stopped'), by: 'stopped', ledger: [] })
    } else {
      this.#window.add(delivery)
      this.#quietSince = performance.now()
      this.#stallTimer ??= setInterval(() => this.#findStalled(), limits.batchDeadlineMs / 4).unref()
      this.#send(delivery)
    }
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

  #giveUp(): void {
    for (const delivery of this.#window.all()) {
      this.#window.settle(delivery, { outcome: refused('stopped'), by: 'stopped', ledger: [] })
    }
    this.#window.release()
  }

  /** A component that awaits nothing of the host and has not settled its batches never will. */
  #findStalled(): void {
    const now = performance.now()
    const { events, limits } = this.#options
    if (this.#window.size === 0) {
      clearInterval(this.#stallTimer)
      this.#stallTimer = undefined
      return
    }
    const busy = this.#session.turns > 0 || this.#emitsRunning > 0 || this.#calls.running > 0
    if (this.#state !== 'ready' || busy) this.#quietSince = now
    if (now - this.#quietSince < limits.batchDeadlineMs) return
    for (const delivery of this.#window.all()) {
      this.#window.condemn(delivery)
      events.log({ level: 'error', message: 'batch dropped: the component waits for something that cannot happen' })
      this.#window.settle(delivery, { outcome: dropped('stalled'), by: 'error', ledger: delivery.ledger })
    }
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
      case fromRunner.reply:
      case fromRunner.invoked:
        this.#questions.answered(frame)
        break
      default:
        relayClaim(frame, events, limits)
    }
  }

  #settledByComponent(frame: Frame): void {
    const delivery = this.#window.get(frame.id)
    if (!delivery) return
    const failed = frame.flag === 1
    const outcome = readOutcome(frame.payload, this.#options.limits)
    this.#window.settle(delivery, {
      outcome,
      by: failed ? 'error' : 'component',
      ledger: delivery.ledger,
      frameDone: delivery.sentOnce,
    })
  }

  #emitted(frame: Frame): void {
    const { limits } = this.#options
    const delivery = this.#window.get(frame.owner)
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
    if (
      this.#window.isCondemned(frame.owner) ||
      (!delivery && this.#looseBytes + frame.payload.length > looseBytesMax)
    ) {
      this.#resume(frame, encodeValue({ value: refused('busy') }))
      return
    }
    // Checked here, before anyone uses it: a frame that is not a batch is the work of a hostile module.
    const batch = decodeFrame(frame.payload)
    const path = this.#arguments.outputPath(frame.index)
    if (!path) throw new Error(`it emitted to output ${frame.index}, which it does not have`)
    const send = () => this.#options.events.emit(path, batch)
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
    const delivery = this.#window.get(owner)
    if (delivery && counts.queued === undefined) delivery.ledger.push(counts)
    else if (!this.#window.isCondemned(owner)) tell(this.#options.events, () => this.#options.events.ledger(counts))
  }

  // ------------------------------------------------------------ questions to the component

  #ask(kind: number, payload: Uint8Array, allowanceMs?: number): Promise<unknown> {
    const id = this.#nextId()
    return this.#questions.ask(id, () => this.#session.turn({ kind, id }, payload, allowanceMs))
  }

  #invoke(callback: number, args: readonly unknown[]): Promise<unknown> {
    const id = this.#nextId()
    const head = { kind: toRunner.invoke, index: callback, id }
    return this.#questions.ask(id, () => this.#session.turn(head, encodeValue(args)))
  }

  #nextId(): number {
    this.#lastId = (this.#lastId % 0xffff_fffe) + 1
    return this.#lastId
  }
}

function settled(outcome: Outcome, by: Settlement['by']): Promise<Settlement> {
  return Promise.resolve({ outcome, by, ledger: [] })
}
