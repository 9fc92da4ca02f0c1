import type { Batch, PortType } from '@ingot/telemetry'
import type { ComponentContext, HealthState, Ledger, Output } from '../context.ts'
import type { ComponentDefinition } from '../define.ts'
import type { Env } from '../env.ts'
import { refused, type Outcome } from '../outcome.ts'
import { Secret } from '../secret.ts'

/** Arguments as they travel from control to a room: plain data, with what is not plain named by its path. */
export interface ArgumentsFrame {
  readonly value: unknown
  readonly outputs: readonly OutputBinding[]
  /** Paths in `value` where a text stands that is a secret. */
  readonly secrets: readonly ArgumentPath[]
}
export type ArgumentPath = readonly (string | number)[]
/** An argument of kind `receivers` and the receivers that the configuration lists there. */
export interface OutputBinding {
  readonly path: ArgumentPath
  readonly receivers: readonly ReceiverReference[]
}
/** An exported receiver: `loki.write.main` and `receiver`. */
export interface ReceiverReference {
  readonly component: string
  readonly port: string
  readonly types: readonly PortType[]
}

/** What a room gives an instance. */
export interface InstanceHost {
  readonly id: string
  readonly env: Env
  readonly ledger: HostLedger
  /** The output for an argument path. Called again with the same path after an update: the same output, rewired. */
  output(binding: OutputBinding): Output
  exportsChanged(exports: Record<string, unknown>): void
  healthChanged(state: HealthState, message: string): void
  /** What becomes of a batch whose handler threw; without it the batch is refused. A room that cannot trust the component to do better next time drops it. */
  handlerFailed?(error: unknown): Outcome
}

/** The ledger with the counts that only the room makes. */
export interface HostLedger extends Ledger {
  received(records: number): void
  refused(records: number): void
  emitted(records: number): void
}

/** The arguments as the component gets them, with its defaults. Nothing of it runs. @throws when they do not parse. */
export function parseArguments(definition: ComponentDefinition, frame: ArgumentsFrame): unknown {
  return definition.arguments.parse(bindArguments(frame, unwired))
}

const unwired: Pick<InstanceHost, 'output'> = {
  output: ({ receivers }) => ({ emit: async () => refused('not running'), receivers: receivers.length }),
}

export class Instance {
  readonly #definition: ComponentDefinition
  readonly #host: InstanceHost
  readonly #handlers = new Map<string, (batch: Batch) => Promise<Outcome>>()
  #abort = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #update: ((args: unknown) => void | Promise<void>) | undefined
  #debugInfo: (() => unknown) | undefined

  constructor(definition: ComponentDefinition, host: InstanceHost) {
    this.#definition = definition
    this.#host = host
  }

  /**
   * Runs the component. Resolves once `run` has had its first turn, so that its receivers are in place;
   * `onExit` is called when it ends without being told to.
   */
  start(frame: ArgumentsFrame, onExit: (error: Error | undefined) => void): void {
    const args = this.#parse(frame)
    this.#abort = new AbortController()
    this.#update = undefined
    const { signal } = this.#abort
    const run = async () => this.#definition.run(this.#context(args, signal))
    this.#running = run().then(
      () => {
        // A component with receivers has returned to wait for batches: it goes on until it is stopped.
        if (!signal.aborted && this.#handlers.size === 0 && !this.#update) onExit(undefined)
      },
      (error: unknown) => {
        if (!signal.aborted) onExit(error instanceof Error ? error : new Error(String(error)))
      },
    )
  }

  /** Takes new arguments: in place where the component can, else by running it again. @throws when they do not parse or the component refuses them. */
  async update(frame: ArgumentsFrame, onExit: (error: Error | undefined) => void, stopWithinMs: number): Promise<void> {
    if (this.#update) return this.#update(this.#parse(frame))
    this.#parse(frame)
    await this.stop(stopWithinMs)
    this.start(frame, onExit)
  }

  /** A batch for an exported receiver. Never throws: a handler's error is a refusal, and counted as one. */
  async receive(port: string, batch: Batch): Promise<Outcome> {
    const handler = this.#handlers.get(port)
    const { ledger } = this.#host
    ledger.received(batch.count)
    let outcome: Outcome
    try {
      outcome = handler && !this.#abort.signal.aborted ? await handler(batch) : refused('stopped')
    } catch (error) {
      outcome = this.#failed(error)
    }
    if (outcome.status === 'refused') ledger.refused(batch.count)
    return outcome
  }

  #failed(error: unknown): Outcome {
    if (this.#host.handlerFailed) return this.#host.handlerFailed(error)
    const stack = error instanceof Error && error.stack !== undefined ? { stack: error.stack } : {}
    this.#host.env.log.error('batch failed in the component', { error: String(error), ...stack })
    return refused('error')
  }

  /** Asks the component to stop. Resolves when it has, or after `withinMs` (which may be infinite): then to false. */
  async stop(withinMs: number): Promise<boolean> {
    this.#abort.abort()
    if (withinMs === Infinity) {
      // A room without timers: whoever asks bounds the wait.
      await this.#running
      this.#handlers.clear()
      return true
    }
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), withinMs)
    })
    const stopped = await Promise.race([this.#running.then(() => true as const), late])
    clearTimeout(timer)
    this.#handlers.clear()
    return stopped
  }

  debugInfo(): unknown {
    return this.#debugInfo?.()
  }

  #parse(frame: ArgumentsFrame): unknown {
    return this.#definition.arguments.parse(bindArguments(frame, this.#host))
  }

  #context(args: unknown, signal: AbortSignal): ComponentContext<unknown, Record<string, unknown>, never> {
    const host = this.#host
    return {
      id: host.id,
      args,
      env: host.env as Env<never>,
      signal,
      ledger: host.ledger,
      setExports: (exports) => host.exportsChanged(exports),
      receive: (port: string, handler: (batch: never) => Promise<Outcome>) => {
        this.#handlers.set(port, handler as (batch: Batch) => Promise<Outcome>)
      },
      onUpdate: (handler) => {
        this.#update = handler
      },
      setHealth: (state, message) => host.healthChanged(state, message),
      debugInfo: (provider) => {
        this.#debugInfo = provider
      },
    }
  }
}

/** Puts outputs and secrets into a copy of the plain arguments. */
function bindArguments(frame: ArgumentsFrame, host: Pick<InstanceHost, 'output'>): unknown {
  const value = structuredClone(frame.value)
  for (const path of frame.secrets) setAt(value, path, (text) => new Secret(String(text)))
  for (const binding of frame.outputs) setAt(value, binding.path, () => host.output(binding))
  return value
}

function setAt(root: unknown, path: ArgumentPath, make: (old: unknown) => unknown): void {
  let parent = root as Record<string | number, unknown>
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>
  const last = path.at(-1)!
  parent[last] = make(parent[last])
}
