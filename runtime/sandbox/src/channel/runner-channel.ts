import { dropped, refused, type Outcome } from '@ingot/sdk'
import type { ArgumentsFrame } from '@ingot/sdk/host'
import { ModuleQuarantinedError, type RunnerEvent } from '../control.ts'
import { fromRunner, toRunner, type Frame } from '../protocol/frame.ts'
import type { LedgerMessage } from '../protocol/messages.ts'
import { encodeValue } from '../protocol/value.ts'
import { BrokerCalls } from './broker-calls.ts'
import type { ChannelOptions } from './channel-options.ts'
import { checkBundle } from './check-bundle.ts'
import { ComponentArguments } from './component-arguments.ts'
import { ComponentLife } from './component-life.ts'
import { Delivery, type Settlement } from './delivery.ts'
import { DeliveryWindow } from './delivery-window.ts'
import { Emits } from './emits.ts'
import { QuarantineDirectory } from './quarantine-directory.ts'
import { Questions } from './questions.ts'
import { relayClaim, tell } from './relay-claim.ts'
import { readLedger, readOutcome } from './runner-claims.ts'
import { IsolateLostError } from './isolate-lost-error.ts'
import { RunnerSession, type Loss } from './runner-session.ts'
import { StallWatch } from './stall-watch.ts'

const none = new Uint8Array(0)
/** A component answers its start in the turn in which it is asked, and has this long for an update: starved and slow machines included. */
const answerMsMax = 60_000
const frameIdMax = 0xffff_fffe

/** The lane's half of a runner: keeps batches until their fate is settled, sends on what is valid, believes nothing. */
export class RunnerChannel {
  readonly #options: ChannelOptions
  readonly #session: RunnerSession
  readonly #calls: BrokerCalls
  readonly #quarantine: QuarantineDirectory
  readonly #ports = new Map<string, number>()
  readonly #arguments: ComponentArguments
  readonly #window: DeliveryWindow
  readonly #questions: Questions
  readonly #life: ComponentLife
  readonly #emits: Emits
  readonly #stall: StallWatch
  /** What an earlier isolate held is closed before a later one opens it again. */
  #closing: Promise<void> = Promise.resolve()
  #lastBatch = 0
  #lastQuestion = 0
  #pausedUntil = 0
  /** Answers that wait while the component has used up its share of CPU. */
  #held: (() => void)[] = []

  /** @throws when the code is not what the manifest says, or larger than a bundle may be. */
  constructor(options: ChannelOptions) {
    const { code, sha256, limits, component, events } = options
    checkBundle(component, code, sha256, limits.bundleBytesMax)
    this.#options = options
    this.#arguments = new ComponentArguments(options.trusted)
    this.#life = new ComponentLife({
      start: () => this.#startIsolate(),
      onReady: () => this.#ready(),
      onFailed: () => this.#giveUp(),
    })
    this.#window = new DeliveryWindow(limits, () => this.#life.ready && performance.now() >= this.#pausedUntil)
    this.#questions = new Questions(limits)
    this.#quarantine = new QuarantineDirectory(options.quarantineDir, limits.quarantineBytesMax, 'oldest')
    this.#session = this.#makeSession()
    this.#calls = this.#makeCalls()
    this.#emits = new Emits({
      limits,
      events,
      arguments: this.#arguments,
      window: this.#window,
      resume: (frame, payload) => this.#resume(frame, payload),
      generation: () => this.#life.generation,
    })
    this.#stall = new StallWatch(
      limits.batchDeadlineMs,
      () => this.#activity(),
      () => this.#stalled(),
    )
  }

  /** A module that is quarantined from before waits to be resumed. @throws when it cannot be loaded or refuses its arguments. */
  async start(frame: ArgumentsFrame): Promise<void> {
    this.#arguments.adopt(frame)
    try {
      await this.#life.bringUp()
    } catch (error) {
      if (!(error instanceof ModuleQuarantinedError)) throw error
      this.#options.events.health('unhealthy', error.message)
    }
  }

  /** Gives the running component new arguments. @throws when it refuses them: then the old ones stay in force. */
  async update(frame: ArgumentsFrame): Promise<void> {
    await this.#life.untilStarted()
    const former = this.#arguments.frame
    const plain = this.#arguments.adopt(frame)
    // A quarantined module gets them when it is resumed.
    if (this.#life.quarantined) return
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
    if (this.#life.over) return Promise.resolve(notTaken)
    if (frame.length > this.#options.limits.batchBytesMax) return Promise.resolve(droppedFor('batch_too_large'))
    const aroundModule = this.#aroundModule
    if (aroundModule) return Promise.resolve(aroundModule)
    if (this.#window.full) return Promise.resolve({ ...notTaken, outcome: refused('busy') })
    return new Promise((settle) => {
      const onSurplus = (created: number): void => this.#options.events.ledger({ created })
      const begin = (): void =>
        this.#begin(new Delivery({ id: this.#nextBatch(), port, frame, count, settle, onSurplus }))
      this.#window.admit(frame.length, begin)
    })
  }

  /** Asks the component to stop; true when it did, with all its batches settled, within the time. */
  async stop(withinMs: number): Promise<boolean> {
    const wasReady = this.#life.ready
    this.#life.stop()
    this.#window.release()
    const stopping = wasReady ? this.#ask(toRunner.stop, none, withinMs).then(() => this.#window.idle()) : undefined
    const stopped = await Promise.race([
      Promise.resolve(stopping).then(
        () => true,
        () => false,
      ),
      new Promise<false>((resolve) => setTimeout(() => resolve(false), withinMs).unref()),
    ])
    await this.close()
    return stopped
  }

  async debugInfo(): Promise<unknown> {
    return this.#life.ready ? this.#ask(toRunner.debugInfo, none) : undefined
  }

  /** Ends the runner without asking. Batches whose fate is open are refused: they are the sender's again. */
  async close(): Promise<void> {
    this.#life.stop()
    this.#life.isolateLost()
    this.#stall.stop()
    this.#closing = this.#calls.reset()
    this.#questions.rejectAll(new IsolateLostError('The component is stopped'))
    this.#giveUp()
    await Promise.all([this.#session.close(), this.#closing])
  }

  // ------------------------------------------------------------ coming up, and again

  #makeSession(): RunnerSession {
    const { component, code, sha256, capabilities, values, limits, control, group, tape } = this.#options
    return new RunnerSession({
      lastCall: () => this.#calls.last,
      ...(group && { group }),
      ...(tape && { tape, readings: 'told' }),
      component,
      code,
      sha256,
      capabilities,
      values,
      limits,
      control,
      onFrame: (frame) => this.#receive(frame),
      onLost: (loss) => this.#lost(loss),
      onEvent: (event) => this.#controlEvent(event),
    })
  }

  #makeCalls(): BrokerCalls {
    const { broker, capabilities, limits, trusted } = this.#options
    return new BrokerCalls({
      broker,
      capabilities,
      trusted,
      argumentBytesMax: limits.hostArgumentBytesMax,
      openCallsMax: limits.openCallsMax,
      resultBytesMax: limits.hostResultBytesMax,
      callbackBytesMax: limits.looseBytesMax,
      textBytesMax: limits.errorTextBytesMax,
      secret: (name) => this.#arguments.secret(name),
      invoke: (callback, args) => this.#invoke(callback, args),
    })
  }

  get #initAllowance(): number {
    return this.#options.limits.initTimeoutMs + this.#options.limits.batchDeadlineMs
  }

  async #startIsolate(): Promise<void> {
    this.#ports.clear()
    this.#arguments.forgetOutputs()
    const { generation } = this.#life
    await this.#session.load()
    await this.#closing
    // A loss between two questions is nobody's answer: the one below would never get its own.
    if (generation !== this.#life.generation) throw new IsolateLostError('It was lost before it was started')
    this.#arguments.numberOutputs()
    await this.#ask(toRunner.start, Buffer.from(JSON.stringify(this.#arguments.frame)), this.#initAllowance)
  }

  #ready(): void {
    for (const delivery of this.#window.all()) this.#send(delivery)
    this.#window.pump()
  }

  #lost(loss: Loss): void {
    this.#life.isolateLost()
    const unsettled = this.#window.all().reduce((sum, { count }) => sum + count, 0)
    this.#options.events.lost(loss, { durable: this.#calls.durableRecords, unsettled })
    this.#closing = this.#calls.reset()
    const blamed = this.#window.get(loss.owner)
    if (blamed && !blamed.blame(loss.starved)) void this.#setAside(blamed, loss)
    for (const delivery of this.#window.all()) delivery.rewind()
    const wasStarting = this.#life.starting
    // While starting, the one who waits for the answer tries again.
    this.#questions.rejectAll(new IsolateLostError(`${loss.reason}: ${loss.detail}`))
    if (!wasStarting && !this.#life.stopped) this.#bringUpAgain()
  }

  #bringUpAgain(): void {
    this.#life.bringUp().catch((error: Error) => {
      const { events } = this.#options
      events.health('unhealthy', error.message)
      if (!(error instanceof ModuleQuarantinedError)) events.exited(error)
      else if (this.#aroundModule) this.#giveUp()
    })
  }

  /** A batch that took its isolate with it twice. */
  async #setAside(delivery: Delivery, loss: Loss): Promise<void> {
    const { port, frame, count } = delivery
    this.#window.remove(delivery)
    this.#window.condemn(delivery)
    const reason = `${loss.reason}: ${loss.detail}`
    const kept = await this.#quarantine.keep({ component: this.#options.component, port, count, reason, frame })
    delivery.settle(
      kept ? { outcome: dropped('quarantined'), by: 'quarantine', ledger: [] } : droppedFor('quarantine_full'),
    )
    this.#window.pump()
  }

  #controlEvent(event: RunnerEvent): void {
    if (event.event === 'throttle') {
      this.#pausedUntil = performance.now() + event.pauseMs
      setTimeout(() => this.#goOn(), event.pauseMs).unref()
    } else if (event.event === 'resumed' && this.#life.quarantined) {
      this.#options.events.health('healthy', 'resumed by the operator')
      this.#bringUpAgain()
    }
  }

  // ------------------------------------------------------------ deliveries

  /** What becomes of batches while the module is quarantined; `undefined` when they are its own or wait for it. */
  get #aroundModule(): Settlement | undefined {
    const { onQuarantine } = this.#options
    if (!this.#life.quarantined || onQuarantine === 'block') return undefined
    return onQuarantine === 'drop' ? droppedFor('module_quarantined') : passedOn
  }

  #begin(delivery: Delivery): void {
    const aroundModule = this.#aroundModule
    if (aroundModule) delivery.settle(aroundModule)
    else if (this.#life.over) delivery.settle(notTaken)
    else {
      this.#window.add(delivery)
      this.#stall.begin()
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
    const { id, at, frame } = delivery
    const head = { kind: toRunner.deliver, index: port, id, owner: id, at }
    this.#session.turn(head, frame, undefined, () => delivery.written())
  }

  #giveUp(): void {
    for (const delivery of this.#window.all()) this.#window.settle(delivery, notTaken)
    this.#window.release()
  }

  #activity(): 'idle' | 'busy' | 'quiet' {
    if (this.#window.size === 0) return 'idle'
    const { running } = this.#calls
    const busy = this.#session.turns > 0 || this.#emits.running > 0 || running > 0 || this.#held.length > 0
    return !this.#life.ready || busy ? 'busy' : 'quiet'
  }

  /** A component that awaits nothing of the host and has not settled its batches never will. */
  #stalled(): void {
    const { events } = this.#options
    for (const delivery of this.#window.all()) {
      this.#window.condemn(delivery)
      events.log({ level: 'error', message: 'batch dropped: the component waits for something that cannot happen' })
      this.#window.settle(delivery, { ...droppedFor('stalled'), ledger: delivery.ledger })
    }
  }

  // ------------------------------------------------------------ what the runner says

  #receive(frame: Frame): void {
    this.#stall.moved()
    switch (frame.kind) {
      case fromRunner.settled:
        this.#settledByComponent(frame)
        break
      case fromRunner.emit:
        this.#emits.take(frame)
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
        relayClaim(frame, this.#options, (name) => this.#arguments.exportedSecret(name))
    }
  }

  #settledByComponent({ id, flag, payload }: Frame): void {
    const delivery = this.#window.get(id)
    if (!delivery) return
    const outcome = readOutcome(payload, this.#options.limits)
    const { ledger, frameDone } = delivery
    this.#window.settle(delivery, { outcome, by: flag === 1 ? 'error' : 'component', ledger, frameDone })
  }

  async #call(frame: Frame): Promise<void> {
    const { generation } = this.#life
    const sync = frame.kind === fromRunner.syncCall
    if (sync) this.#session.pause()
    const answer = await this.#calls.answer(frame.id, frame.payload, sync)
    if (generation !== this.#life.generation) return
    if (sync) this.#session.answer(frame.id, answer)
    else this.#resume(frame, answer)
  }

  /** What the component waited for has come: its next turn, unless it has to pause. */
  #resume(frame: Frame, payload: Uint8Array): void {
    const { generation } = this.#life
    const turn = (): void => {
      if (generation !== this.#life.generation) return
      const at = this.#window.get(frame.owner)?.at
      this.#session.turn({ kind: toRunner.resume, id: frame.id, owner: frame.owner, ...(at && { at }) }, payload)
    }
    if (performance.now() >= this.#pausedUntil) turn()
    else this.#held.push(turn)
  }

  #goOn(): void {
    if (performance.now() < this.#pausedUntil) return
    for (const turn of this.#held.splice(0)) turn()
    this.#window.pump()
  }

  #count(owner: number, counts: LedgerMessage): void {
    const delivery = this.#window.get(owner)
    if (delivery && counts.queued === undefined) delivery.ledger.push(counts)
    else if (!this.#window.isCondemned(owner)) tell(this.#options.events, () => this.#options.events.ledger(counts))
  }

  // ------------------------------------------------------------ questions to the component

  #ask(kind: number, payload: Uint8Array, allowanceMs?: number): Promise<unknown> {
    const id = this.#nextQuestion()
    return this.#questions.ask(id, () => this.#session.turn({ kind, id }, payload, allowanceMs), answerMsMax)
  }

  #invoke(callback: number, args: readonly unknown[]): Promise<unknown> {
    const id = this.#nextQuestion()
    const head = { kind: toRunner.invoke, index: callback, id }
    return this.#questions.ask(id, () => this.#session.turn(head, encodeValue(args)))
  }

  /** Batches are numbered by themselves: who asks a component something must not change what chance gives it. */
  #nextBatch(): number {
    return (this.#lastBatch = (this.#lastBatch % frameIdMax) + 1)
  }

  #nextQuestion(): number {
    return (this.#lastQuestion = (this.#lastQuestion % frameIdMax) + 1)
  }
}

/** Whoever has the batch itself sends it on. */
const passedOn: Settlement = { outcome: refused('bypassed'), by: 'bypass', ledger: [] }
const notTaken: Settlement = { outcome: refused('stopped'), by: 'stopped', ledger: [] }

function droppedFor(reason: string): Settlement & { readonly outcome: Outcome } {
  return { outcome: dropped(reason), by: 'error', ledger: [] }
}
