import type { Limits } from './limits.ts'

/** Why a runner ended. All but `released` are hard kills in the sense of the restart policy. */
export type ExitReason = 'released' | 'deadline' | 'memory' | 'protocol' | 'crash' | 'killed' | 'exited'

/** The end of a runner: an event for the operator, and what its lane acts on. */
export interface RunnerExit {
  readonly runner: number
  readonly instance: string
  /** The instances that shared the runner, and its fate. */
  readonly shared: readonly string[]
  readonly reason: ExitReason
  readonly detail: string
  /** Id of the delivery whose turn was running, where one was. */
  readonly batch: number | undefined
  readonly peakRssBytes: number
  readonly cpuMs: number
  readonly lifetimeMs: number
  /** Beginning of what the runner wrote to its standard error. */
  readonly stderr: string
}

export type RunnerEvent =
  | { readonly event: 'exited'; readonly exit: RunnerExit }
  /** The runner used more than its share of CPU: send it nothing for that long. */
  | { readonly event: 'throttle'; readonly runner: number; readonly pauseMs: number }
  | { readonly event: 'quarantined'; readonly reason: string }
  | { readonly event: 'resumed' }

/** An instance that is to have a place in a runner. */
export interface JoinRequest {
  /** Id of the component instance. With {@link sha256} it is what is quarantined: new code starts anew. */
  readonly instance: string
  readonly sha256: string
  readonly limits: Limits
}

export interface AssignRequest extends JoinRequest {
  /** The lane's Unix socket, and what the runner must say there first. */
  readonly socketPath: string
  readonly token: string
}

/** The isolate ran out of time because the machine was busy. */
export const starvedReason = 'starved'

export type Overdue = 'killed' | 'extended'

/** What a lane asks of control: control alone spawns, limits and kills runners. */
export interface RunnerControl {
  /**
   * A runner that connects to the request's socket, after the back-off that the instance's past asks for.
   * @throws ModuleQuarantinedError
   */
  assign(
    request: AssignRequest,
    onEvent: (event: RunnerEvent) => void,
  ): Promise<{ readonly runner: number; readonly pid: number }>
  /** The runner owes an answer since `turnMs`. It is killed, unless it was starved of CPU rather than stuck. */
  overdue(
    runner: number,
    turnMs: number,
    extensions: number,
    batch: number | undefined,
    instance: string,
  ): Promise<Overdue>
  kill(
    runner: number,
    reason: ExitReason,
    detail: string,
    batch: number | undefined,
    instance: string | undefined,
  ): void
  /** An isolate was lost and replaced within its runner: counted towards quarantine, but for {@link starvedReason}. */
  isolateLost(runner: number, reason: string, instance: string): void
  /** Another instance moves into a runner that is there. @throws ModuleQuarantinedError, and that the runner is gone */
  join(runner: number, request: JoinRequest, onEvent: (event: RunnerEvent) => void): Promise<void>
  /** An instance moves out of a runner that others use. */
  leave(runner: number, instance: string): void
  /** Whose turn it was when a runner ended, without one all that used it are to blame, and what it had asked its host for last. */
  blame(runner: number, instance: string | undefined, lastCall: string | undefined): void
  /** The lane needs the runner no more. */
  release(runner: number): void
}

export class ModuleQuarantinedError extends Error {
  override readonly name = 'ModuleQuarantinedError'
}
