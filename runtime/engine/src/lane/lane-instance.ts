import type { ComponentDefinition, Env, Outcome } from '@ingot/sdk'
import { Instance, type ArgumentsFrame } from '@ingot/sdk/host'
import type { Batch } from '@ingot/telemetry'
import type { LedgerCells } from '../ledger/ledger-cells.ts'
import type { RoomInstance } from './lane-room.ts'
import type { OutputWiring } from './output-wiring.ts'
import { encodeExports } from './plain-exports.ts'
import type { FromLane, InstanceSpec } from './protocol.ts'

/** How long an update may wait for a component that is run again to stop. */
const stopWithinMs = 10_000

/** A trusted component in the lane's own thread. */
export class LaneInstance implements RoomInstance {
  readonly #instance: Instance
  readonly #onExit: (error: Error | undefined) => void

  constructor(options: {
    readonly spec: InstanceSpec
    readonly definition: ComponentDefinition
    readonly env: Env
    readonly ledger: LedgerCells
    readonly wiring: OutputWiring
    readonly post: (message: FromLane) => void
  }) {
    const { spec, definition, env, ledger, wiring, post } = options
    this.#onExit = (error) => post({ kind: 'exited', id: spec.id, ...(error && { error: error.message }) })
    this.#instance = new Instance(definition, {
      id: spec.id,
      env,
      ledger,
      output: (binding) => wiring.output(binding),
      exportsChanged: (exports) => post({ kind: 'exports', id: spec.id, exports: encodeExports(exports) }),
      healthChanged: (state, message) => post({ kind: 'health', id: spec.id, state, message }),
    })
  }

  async start(frame: ArgumentsFrame): Promise<void> {
    withArgumentPaths(() => this.#instance.start(frame, this.#onExit))
  }

  async update(frame: ArgumentsFrame): Promise<void> {
    await this.#instance.update(frame, this.#onExit, stopWithinMs).catch(rethrowWithPaths)
  }

  receive(port: string, batch: Batch): Promise<Outcome> {
    return this.#instance.receive(port, batch)
  }

  stop(withinMs: number): Promise<boolean> {
    return this.#instance.stop(withinMs)
  }

  debugInfo(): unknown {
    return this.#instance.debugInfo()
  }
}

interface SchemaIssue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** A schema's own error lists issues by path; people read `endpoint.0.url: …`. */
function rethrowWithPaths(error: unknown): never {
  const issues = (error as { issues?: readonly SchemaIssue[] }).issues
  if (!issues) throw error
  throw new Error(issues.map(({ path, message }) => `${path.join('.') || 'arguments'}: ${message}`).join('; '))
}

function withArgumentPaths(work: () => void): void {
  try {
    work()
  } catch (error) {
    rethrowWithPaths(error)
  }
}
