import type { Grant } from '@ingot/capabilities'
import type { ComponentManifest } from '@ingot/manifest'
import { exportsToValue } from '@ingot/check'
import type { ArgumentsFrame } from '@ingot/sdk/host'
import type { ObjectValue } from '@ingot/syntax'
import { isDeepStrictEqual } from 'node:util'
import type { InstanceSpec, PlainExports } from '../lane/protocol.ts'
import { EdgeCells, edgeCells, type EdgeSnapshot } from '../ledger/edge-cells.ts'
import { LedgerCells, sumLedgers, type LedgerSnapshot } from '../ledger/ledger-cells.ts'
import type { EdgePolicy } from '../link/edge-policy.ts'
import { HealthBoard } from './health.ts'

/** What a configuration wants of one component: all that decides whether a running one can stay. */
export interface DesiredComponent {
  readonly id: string
  /** `prometheus.scrape` or `redact.pii`: as the configuration names it. */
  readonly component: string
  /** `@acme/redact@1.4.2`. */
  readonly module: string
  readonly manifest: ComponentManifest
  readonly bundlePath: string
  readonly sha256: string
  readonly room: 'lane' | 'runner'
  /** The runtime vouches for the module. */
  readonly trusted: boolean
  readonly grant: Grant
  readonly limits: InstanceSpec['limits']
  readonly onQuarantine: InstanceSpec['onQuarantine']
  /** Instances with the same one share runners; `undefined`: a runner of its own. */
  readonly group: string | undefined
  readonly lanes: readonly number[]
  readonly dataDir: string
  readonly frame: ArgumentsFrame
  readonly policies: Readonly<Record<string, EdgePolicy>>
}

export interface EdgeInfo {
  readonly from: string
  readonly output: string
  readonly to: string
  readonly port: string
}

/** A component that runs, with what control knows of its instances in the lanes. */
export class RunningComponent {
  readonly health = new HealthBoard()
  readonly startedAt = new Date()
  desired: DesiredComponent
  /** The channel of the recording that its next start begins. */
  recording: string | undefined
  #exports: PlainExports | undefined
  #exportsValue: ObjectValue | undefined
  readonly #ledgers = new Map<number, LedgerCells>()
  readonly #edges = new Map<
    string,
    { readonly info: EdgeInfo; readonly lane: number; cells: EdgeCells; readonly closed: EdgeCells }
  >()

  constructor(desired: DesiredComponent) {
    this.desired = desired
    for (const lane of desired.lanes) this.#ledgers.set(lane, new LedgerCells())
  }

  /** What the component has exported; `undefined` until it has. */
  get exports(): PlainExports | undefined {
    return this.#exports
  }

  set exports(exports: PlainExports | undefined) {
    this.#exports = exports
    this.#exportsValue = undefined
  }

  /** The same as a value of the language. */
  get exportsValue(): ObjectValue | undefined {
    const { id, manifest } = this.desired
    if (this.#exports) this.#exportsValue ??= exportsToValue(manifest.exports, this.#exports, id)
    return this.#exportsValue
  }

  /** It runs in a runner, and fails with more of its batches than it should. `undefined`: it is in no runner. */
  get degraded(): boolean | undefined {
    const { room, lanes } = this.desired
    return room === 'runner' ? lanes.some((lane) => this.health.at(`degraded ${lane}`) !== undefined) : undefined
  }

  spec(lane: number): InstanceSpec {
    const { recording } = this
    return { ...this.desired, ledger: this.#ledgers.get(lane)!.memory, ...(recording !== undefined && { recording }) }
  }

  /** Whether it can go on with new arguments, or must be started anew. */
  sameCode(desired: DesiredComponent): boolean {
    const { frame: _a, policies: _b, manifest: _c, bundlePath: _d, ...before } = this.desired
    const { frame: _e, policies: _f, manifest: _g, bundlePath: _h, ...after } = desired
    return isDeepStrictEqual(before, after)
  }

  sameArguments(desired: DesiredComponent): boolean {
    return (
      isDeepStrictEqual(this.desired.frame, desired.frame) && isDeepStrictEqual(this.desired.policies, desired.policies)
    )
  }

  /** The counters of an edge that a lane has opened. A reopened edge goes on from what its forerunner counted. */
  addEdge(lane: number, info: EdgeInfo, memory: SharedArrayBuffer): void {
    const key = `${lane}\0${info.output}\0${info.to}\0${info.port}`
    const known = this.#edges.get(key)
    const closed = known?.closed ?? new EdgeCells()
    if (known) {
      known.cells.closeBooks()
      for (const cell of edgeCells) closed.add(cell, known.cells.snapshot()[cell])
    }
    this.#edges.set(key, { info, lane, cells: new EdgeCells(memory), closed })
  }

  /** The lane is gone: what its instance held is accounted to whoever owned it before. Returns the records held. */
  closeBooks(lane: number): number {
    for (const edge of this.#edges.values()) if (edge.lane === lane) edge.cells.closeBooks()
    return this.#ledgers.get(lane)?.closeBooks() ?? 0
  }

  ledger(): LedgerSnapshot {
    return sumLedgers([...this.#ledgers.values()].map((ledger) => ledger.snapshot()))
  }

  /** One entry per receiver, the lanes added up. */
  edges(): readonly (EdgeInfo & EdgeSnapshot)[] {
    const sums = new Map<string, EdgeInfo & Record<keyof EdgeSnapshot, number>>()
    for (const { info, cells, closed } of this.#edges.values()) {
      const key = `${info.output}\0${info.to}\0${info.port}`
      const sum = sums.get(key) ?? {
        ...info,
        in: 0,
        delivered: 0,
        dropped: 0,
        refused: 0,
        bytes: 0,
        batches: 0,
        queued: 0,
      }
      for (const part of [cells.snapshot(), closed.snapshot()]) {
        for (const name of [...edgeCells, 'queued'] as const) sum[name] += part[name]
      }
      sums.set(key, sum)
    }
    return [...sums.values()]
  }
}
