import type { RunnerControl } from '../control.ts'
import { limitTable } from '../limit-table.ts'
import { LaneRunner } from './lane-runner.ts'

/** Isolates of one runner: more would share one thread, and one fate. */
const membersMax = 8

/** Instances that share runners: as many as a runner holds in each. */
export class RunnerGroup {
  readonly #control: RunnerControl
  #runners: LaneRunner[] = []

  constructor(control: RunnerControl) {
    this.#control = control
  }

  /** A runner with a free place. */
  runner(): LaneRunner {
    this.#runners = this.#runners.filter(({ size }) => size > 0)
    const free = this.#runners.find(({ size }) => size < membersMax)
    if (free) return free
    const runner = new LaneRunner(this.#control, limitTable.outputBytesMax.max)
    this.#runners.push(runner)
    return runner
  }
}
