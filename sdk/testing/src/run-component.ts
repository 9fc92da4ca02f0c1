import type { Capability, ComponentDefinition, Env, HealthState, Outcome, Output } from '@ingot/sdk'
import { Instance, type OutputBinding } from '@ingot/sdk/host'
import type { Batch } from '@ingot/telemetry'
import { argumentsFrame, outputName } from './arguments-frame.ts'
import { fakeEnv, FakeEnv } from './fake-env.ts'
import { RecordingOutput } from './recording-output.ts'
import { settle } from './settle.ts'
import { TestLedger } from './test-ledger.ts'

/** A component stops within this, as the runtime will ask of it. */
export const stopWithinMs = 2000

export interface RunOptions {
  /** Plain values; durations and sizes as text. Arguments of kind `receivers` connect by themselves, see `output`. */
  readonly args?: unknown
  /** Fakes of this test, or a real `Env`. */
  readonly env?: FakeEnv | Env
  readonly id?: string
}

/**
 * Runs a component as a lane would, on fakes.
 *
 * @example
 * ```ts
 * const run = await runComponent(shout, { args: {} })
 * await run.send('receiver', batch)
 * run.outputs.forward_to.batches
 * run.ledger.balance()
 * await run.stop()
 * ```
 */
export async function runComponent(definition: unknown, options: RunOptions = {}): Promise<RunningComponent> {
  const running = new RunningComponent(definition as ComponentDefinition, options)
  await running.start()
  return running
}

export class RunningComponent {
  /** The fakes; with a real env, fakes that nobody uses. */
  readonly env: FakeEnv
  readonly id: string
  /** By argument path (`forward_to`, `output.traces`), or the name given with `output(name)`. */
  readonly outputs: Record<string, RecordingOutput> = {}
  exports: Record<string, unknown> = {}
  health: { readonly state: HealthState | 'unknown'; readonly message: string } = { state: 'unknown', message: '' }
  ledger = new TestLedger()
  /** Set when `run` ended without being told to. */
  exit: { readonly error: Error | undefined } | undefined
  readonly #definition: ComponentDefinition
  readonly #realEnv: Env | undefined
  #args: unknown
  #instance: Instance

  constructor(definition: ComponentDefinition, options: RunOptions) {
    this.#definition = definition
    this.#args = options.args ?? {}
    this.id = options.id ?? `${definition.name}.test`
    this.env = options.env instanceof FakeEnv ? options.env : fakeEnv()
    this.#realEnv = options.env instanceof FakeEnv ? undefined : options.env
    this.#instance = this.#newInstance()
  }

  /** @throws when the arguments do not parse. */
  async start(): Promise<void> {
    this.exit = undefined
    this.#instance.start(argumentsFrame(this.#definition, this.#args), this.#onExit)
    await settle()
  }

  /** Sends a batch to an exported receiver, as the component before it would. */
  send(port: string, batch: Batch): Promise<Outcome> {
    return this.#instance.receive(port, batch)
  }

  /** What is emitted to an argument's receivers. @throws when the component has no such argument. */
  output(argument = 'forward_to'): RecordingOutput {
    const output = this.outputs[argument]
    if (!output)
      throw new Error(`Cannot find the output "${argument}": found ${Object.keys(this.outputs).join(', ') || 'none'}`)
    return output
  }

  /** @throws when the arguments do not parse or the component refuses them: the old ones stay. */
  async update(args: unknown): Promise<void> {
    await this.#instance.update(argumentsFrame(this.#definition, args), this.#onExit, stopWithinMs)
    this.#args = args
    await settle()
  }

  /** Ends it and runs it again as a new process would: counters start anew; state, files and time go on. */
  async restart(args: unknown = this.#args): Promise<void> {
    await this.stop()
    this.#args = args
    this.ledger = new TestLedger()
    this.#instance = this.#newInstance()
    this.exports = {}
    await this.start()
  }

  /** Whether it stopped within the bound. */
  async stop(withinMs = stopWithinMs): Promise<boolean> {
    const stopped = await this.#instance.stop(withinMs)
    await settle()
    return stopped
  }

  debugInfo(): unknown {
    return this.#instance.debugInfo()
  }

  readonly #onExit = (error: Error | undefined): void => {
    this.exit = { error }
  }

  #newInstance(): Instance {
    const capabilities = Object.keys(this.#definition.capabilities ?? {}) as Capability[]
    return new Instance(this.#definition, {
      id: this.id,
      env: this.#realEnv ?? this.env.of(capabilities),
      ledger: this.ledger,
      output: (binding) => this.#output(binding),
      exportsChanged: (exports) => {
        this.exports = { ...this.exports, ...exports }
      },
      healthChanged: (state, message) => {
        this.health = { state, message }
      },
    })
  }

  #output(binding: OutputBinding): Output {
    const name = outputName(binding)
    const output = this.outputs[name] ?? new RecordingOutput((records) => this.ledger.emitted(records))
    this.outputs[name] = output
    output.receivers = binding.receivers.length
    return output
  }
}
