import type { RunnerSupervisor } from '@ingot/sandbox'
import type { RunnerRequest, ToLane } from '../lane/protocol.ts'

/** Does what lanes ask for their runners. When a lane dies, its runners lose their connection and are let go. */
export class RunnerRequests {
  readonly #supervisor: () => Promise<RunnerSupervisor>
  readonly #post: (lane: number, message: ToLane) => void
  readonly #byLane = new Map<number, Set<number>>()

  /** The supervisor is opened when the first runner is asked for. */
  constructor(supervisor: () => Promise<RunnerSupervisor>, post: (lane: number, message: ToLane) => void) {
    this.#supervisor = supervisor
    this.#post = post
  }

  async handle(lane: number, call: number, request: RunnerRequest): Promise<void> {
    try {
      this.#post(lane, { kind: 'reply', call, value: await this.#do(lane, request) })
    } catch (error) {
      const { message, name } = error as Error
      this.#post(lane, { kind: 'reply', call, error: message, errorName: name })
    }
  }

  async onLaneLost(lane: number): Promise<void> {
    const runners = this.#byLane.get(lane)
    this.#byLane.delete(lane)
    if (!runners) return
    const supervisor = await this.#supervisor()
    for (const runner of runners) supervisor.release(runner)
  }

  async #do(lane: number, request: RunnerRequest): Promise<unknown> {
    const supervisor = await this.#supervisor()
    switch (request.ask) {
      case 'assign': {
        const { channel } = request
        const assigned = await supervisor.assign(request.request, (event) =>
          this.#post(lane, { kind: 'runner', channel, event }),
        )
        const runners = this.#byLane.get(lane) ?? new Set()
        this.#byLane.set(lane, runners.add(assigned.runner))
        return assigned
      }
      case 'overdue':
        return supervisor.overdue(request.runner, request.turnMs, request.extensions, request.batch, request.instance)
      case 'join':
        return supervisor.join(request.runner, request.request, (event) =>
          this.#post(lane, { kind: 'runner', channel: request.channel, event }),
        )
      case 'leave':
        return supervisor.leave(request.runner, request.instance)
      case 'blame':
        return supervisor.blame(request.runner, request.instance, request.lastCall)
      case 'kill':
        return supervisor.kill(request.runner, request.reason, request.detail, request.batch)
      case 'isolate-lost':
        return supervisor.isolateLost(request.runner, request.reason, request.instance)
      case 'release':
        this.#byLane.get(lane)?.delete(request.runner)
        return supervisor.release(request.runner)
    }
  }
}
