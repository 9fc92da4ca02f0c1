import { FileQueue, type Lane } from '@ingot/capabilities'
import type { HostLedger, OutputBinding, ReceiverReference } from '@ingot/sdk/host'
import { existsSync } from 'node:fs'
import { EdgeCells } from '../ledger/edge-cells.ts'
import { describeEdge, edgeDirectory, type EdgeFacts } from '../link/edge-directory.ts'
import { defaultEdgePolicy, type EdgePolicy } from '../link/edge-policy.ts'
import { Edge } from '../link/edge.ts'
import type { Link } from '../link/link.ts'
import { WiredOutput } from '../link/output.ts'
import { SpillQueue } from '../link/spill-queue.ts'

export interface WiringOptions {
  readonly from: string
  /** The lane among those that the sender runs in. */
  readonly lane: Lane
  readonly storageDir: string
  readonly ledger: HostLedger
  readonly linkTo: (component: string) => Link | undefined
  readonly announce: (edge: { output: string; to: string; port: string; memory: SharedArrayBuffer }) => void
}

interface OpenEdge {
  readonly edge: Edge
  readonly spill: SpillQueue | undefined
  readonly policy: EdgePolicy
  readonly abort: AbortController
}

/** All outputs of one instance and their edges. An edge that stays in the configuration keeps its queue and its counters. */
export class OutputWiring {
  readonly #options: WiringOptions
  readonly #outputs = new Map<string, WiredOutput>()
  readonly #edges = new Map<string, OpenEdge>()
  readonly #closing = new Set<Promise<void>>()

  constructor(options: WiringOptions) {
    this.#options = options
  }

  /** Opens the edges that `bindings` need, so that {@link output} can be asked for at once. */
  async prepare(bindings: readonly OutputBinding[], policies: Readonly<Record<string, EdgePolicy>>): Promise<void> {
    for (const binding of bindings) {
      for (const receiver of binding.receivers) {
        await this.#open(binding, receiver, policies[receiverKey(receiver)] ?? defaultEdgePolicy)
      }
    }
  }

  /** The output at an argument path, connected as `binding` says. */
  output(binding: OutputBinding): WiredOutput {
    const name = binding.path.join('.')
    let output = this.#outputs.get(name)
    if (!output) this.#outputs.set(name, (output = new WiredOutput(this.#options.ledger)))
    output.rewire(binding.receivers.map((receiver) => this.#edges.get(edgeKey(name, receiver))!.edge))
    return output
  }

  /** After an update held: rewires what the component did not ask for again, and closes edges that are no longer in use. */
  commit(bindings: readonly OutputBinding[]): void {
    const wanted = new Set<string>()
    for (const binding of bindings) {
      this.output(binding)
      for (const receiver of binding.receivers) wanted.add(edgeKey(binding.path.join('.'), receiver))
    }
    for (const [key, open] of this.#edges) {
      if (wanted.has(key)) continue
      this.#edges.delete(key)
      const closing = closeEdge(open).finally(() => this.#closing.delete(closing))
      this.#closing.add(closing)
    }
  }

  /** Waits until edges that are no longer in use have let go of their queues. */
  async edgesClosed(): Promise<void> {
    await Promise.all(this.#closing)
  }

  async close(): Promise<void> {
    await Promise.all([...this.#closing, ...[...this.#edges.values()].map(closeEdge)])
    this.#edges.clear()
  }

  async #open(binding: OutputBinding, receiver: ReceiverReference, policy: EdgePolicy): Promise<void> {
    const name = binding.path.join('.')
    const key = edgeKey(name, receiver)
    const known = this.#edges.get(key)
    if (known && samePolicy(known.policy, policy)) return
    if (known) await closeEdge(known)
    const { linkTo, announce } = this.#options
    const cells = new EdgeCells()
    const abort = new AbortController()
    const link = () => linkTo(receiver.component)
    const shared = { port: receiver.port, cells, link, signal: abort.signal }
    const facts = { from: this.#options.from, output: name, to: receiver.component, port: receiver.port }
    const spill = await this.#spill(facts, policy, shared)
    const edge = new Edge({ ...shared, policy, ...(spill && policy.policy === 'spill' && { spill }) })
    this.#edges.set(key, { edge, spill, policy, abort })
    announce({ output: name, to: receiver.component, port: receiver.port, memory: cells.memory })
  }

  /** The edge's queue on disk. An edge that spills no longer still delivers what it has left there. */
  async #spill(
    facts: EdgeFacts,
    policy: EdgePolicy,
    shared: { port: string; cells: EdgeCells; link: () => Link | undefined; signal: AbortSignal },
  ): Promise<SpillQueue | undefined> {
    const { storageDir, lane } = this.#options
    const directory = edgeDirectory(storageDir, facts)
    if (policy.policy !== 'spill' && !existsSync(directory)) return undefined
    await describeEdge(directory, facts)
    const queue = await FileQueue.open(directory, lane, { bytesMax: policy.diskBytes })
    return new SpillQueue({ ...shared, queue, memoryBytes: policy.memoryBytes })
  }
}

async function closeEdge({ abort, spill }: OpenEdge): Promise<void> {
  abort.abort()
  await spill?.close()
}

function edgeKey(output: string, receiver: ReceiverReference): string {
  return `${output}\0${receiverKey(receiver)}`
}

/** How `InstanceSpec.policies` names a receiver. */
export function receiverKey(receiver: { readonly component: string; readonly port: string }): string {
  return `${receiver.component}.${receiver.port}`
}

function samePolicy(a: EdgePolicy, b: EdgePolicy): boolean {
  return a.policy === b.policy && a.memoryBytes === b.memoryBytes && a.diskBytes === b.diskBytes
}
