/** What the HTTP server shows of the collector, and asks of it. */
import type { Denial } from '@ingot/capabilities'
import type { CapabilityRequest } from '@ingot/manifest'
import type { KeptBatch, RunnerUsage } from '@ingot/sandbox'
import type { ModuleFinding, RegistryLook } from '../control/module-watch.ts'
import type { Recording, RecordingBounds } from '../control/recordings.ts'
import type { RunnerFacts } from '../control/runner-history.ts'
import type { WireRequest, WireResponse } from '../lane/protocol.ts'
import type { Health } from '../control/health.ts'
import type { LedgerSnapshot } from '../ledger/ledger-cells.ts'
import type { EdgeFacts } from '../link/edge-directory.ts'
import type { EdgeSnapshot } from '../ledger/edge-cells.ts'

export interface ComponentInfo {
  readonly name: string
  readonly localID: string
  readonly moduleID: string
  readonly label: string | undefined
  readonly referencesTo: readonly string[]
  readonly referencedBy: readonly string[]
  readonly dataFlowEdgesTo: readonly string[]
  readonly createdModuleIDs: readonly string[]
  readonly health: Health
  /** What its registry says against its module by now: it runs on. */
  readonly warnings: readonly string[]
  /** What only Ingot knows: absent for custom components. */
  readonly module: string | undefined
  readonly room: 'lane' | 'runner' | undefined
  readonly lanes: readonly number[]
}

export interface ComponentDetail extends ComponentInfo {
  /** Bodies in the shape of Alloy's API (`{ type: 'attr', name, value }`). */
  readonly arguments: readonly unknown[]
  readonly exports: readonly unknown[]
  readonly debugInfo: readonly unknown[]
  readonly capabilities: readonly CapabilityUse[]
  /** Of a component in a runner. */
  readonly runner: RunnerDetail | undefined
}

export interface RunnerDetail extends RunnerFacts {
  readonly degraded: boolean
  /** What it runs in now. */
  readonly usage: RunnerUsage | undefined
  /** Batches that ended their runner twice. */
  readonly batches: QuarantineList
  /** Samples of the batches that the component failed with. */
  readonly deadLetters: QuarantineList
}
/** Batches that are kept on disk. */
export interface QuarantineList {
  readonly total: number
  readonly newest: readonly KeptBatch[]
}

export interface CapabilityUse {
  readonly name: string
  /** What the manifest asks for, and why: values, or what an argument (`from`) names. */
  readonly requested: readonly CapabilityRequest[]
  /** By the configuration's `grant`. */
  readonly granted: readonly string[]
  /** Targets that arguments name or grants give; 1 for a capability that has none. */
  readonly targets: number
  /** Calls, over all lanes. */
  readonly used: number
  readonly denied: number
  /** The last of them, the newest first. */
  readonly denials: readonly Denial[]
}

/** Records on disk whose sender is no longer in the configuration. */
export interface LiveOrphan extends Partial<EdgeFacts> {
  readonly directory: string
  readonly records: number
  readonly adopted: boolean
}

export interface LiveComponent {
  readonly id: string
  readonly health: string
  readonly message: string
  readonly ledger: LedgerSnapshot
  /** Of components in runners. */
  readonly degraded?: boolean | undefined
}
export interface LiveEdge extends EdgeSnapshot {
  readonly from: string
  readonly to: string
  readonly output: string
  readonly port: string
}
/** An `import.git` or `import.http`. Unhealthy: it could not be fetched the last time, and goes on with what it had. */
export interface LiveImport {
  readonly id: string
  readonly health: string
  readonly message: string
}
/** The functions that an import brings, and how their calls have fared. */
export interface LiveFunctions {
  /** Of the import: `import.module.mask`. */
  readonly id: string
  readonly module: string
  readonly names: readonly string[]
  readonly room: 'lane' | 'runner'
  /** Calls that were made: answers are remembered. */
  readonly calls: number
  readonly failed: number
  /** What happened to their runner. */
  readonly runner: RunnerFacts | undefined
}
/** One moment of the data plane. Rates are differences of two of them. */
export interface LiveSnapshot {
  readonly at: number
  readonly components: readonly LiveComponent[]
  readonly edges: readonly LiveEdge[]
  readonly orphans: readonly LiveOrphan[]
  readonly lanes: readonly { readonly index: number; readonly running: boolean; readonly restarts: number }[]
  readonly imports: readonly LiveImport[]
  readonly functions: readonly LiveFunctions[]
  /** What registries say against modules that run. */
  readonly modules: readonly ModuleFinding[]
  readonly registries: readonly RegistryLook[]
}

export interface ReloadAnswer {
  readonly ok: boolean
  /** What changed, or the printed diagnostics. */
  readonly text: string
}

export interface FailedLoad {
  /** A line each, without excerpts. */
  readonly found: string
  /** What holds of it runs; otherwise what ran before goes on. */
  readonly inPart: boolean
}

export interface CollectorView {
  readonly ready: boolean
  /** When the last load did not hold. */
  readonly failedLoad: FailedLoad | undefined
  hasModule(moduleID: string): boolean
  unhealthyComponents(): readonly string[]
  reload(): Promise<ReloadAnswer>
  /** Ends the quarantine of a component's module. `undefined` when there is no such component, false when it is not quarantined. */
  resume(id: string): Promise<boolean | undefined>
  /** Starts a component anew and records it. @throws RecordingError */
  record(id: string, bounds: RecordingBounds): Promise<Recording>
  /** Text exposition format 0.0.4. */
  metrics(): Promise<string>
  components(moduleID: string): readonly ComponentInfo[]
  component(id: string): Promise<ComponentDetail | undefined>
  live(): LiveSnapshot
  /** `path`: `<component id>/<what it mounted>`. */
  serveComponent(
    path: string,
    request: Omit<WireRequest, 'url'> & { readonly query: string },
  ): Promise<WireResponse | undefined>
}
