import type { Limits } from '../limits.ts'

/** How a case must end. */
export type Containment =
  /** The batch takes its isolate with it, twice, and is quarantined. */
  | 'loses the isolate'
  /** The batch is dropped; the isolate goes on. */
  | 'costs the batch'
  /** The batch is delivered: what was tried has no effect, and `says` tells what the module saw of it. */
  | 'has no effect'
  /** Whether the batch or the isolate is lost depends on the machine; the component goes on. */
  | 'is survived'
  /** The runner is killed at once and its module quarantined. */
  | 'breaks the protocol'
  /** The component does not start, and says why. */
  | 'does not start'

/** Code that nobody should run, and what becomes of it here. */
export interface HostileCase {
  /** What the module does. */
  readonly name: string
  /**
   * Body of the handler for a batch that says "poison", with `args`, `env`, `batch`, `report(text)` and what else
   * `run` is given. For a compromised runner: the body of an async function of its `world`.
   */
  readonly code: string
  /** Code of the module outside of `run`. */
  readonly before?: string
  readonly ends: Containment
  /** Why an isolate or a runner is lost: one of these at least once. */
  readonly by?: readonly string[]
  /** What the module reports, logs, or is refused with. */
  readonly says?: string | RegExp
  readonly limits?: Partial<Limits>
}

export type CaseTable = Readonly<Record<string, string>>

/** Cases that share everything but name and code. */
export function cases(shared: Omit<HostileCase, 'name' | 'code'>, table: CaseTable): HostileCase[] {
  return Object.entries(table).map(([name, code]) => ({ name, code, ...shared }))
}
