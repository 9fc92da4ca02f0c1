import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { processNamespace, startOf } from '../process-identity.ts'

const pattern = /^(\d+)-(\d+)-(\d+)-(\d+)-(\d+)$/

/**
 * Which processes are runners of which collector, as empty files with names that say it. Where the kernel does not end
 * runners with their collector, the next one that starts does.
 */
export class RunnerRecords {
  readonly #dir: string
  readonly #names = new Map<number, string>()

  constructor(dir: string) {
    this.#dir = dir
    mkdirSync(dir, { recursive: true, mode: 0o700 })
  }

  add(pid: number): void {
    const start = startOf(pid)
    if (start === undefined) return
    const name = [processNamespace(), process.pid, startOf(process.pid), pid, start].join('-')
    this.#names.set(pid, name)
    closeSync(openSync(path.join(this.#dir, name), 'w', 0o600))
  }

  remove(pid: number): void {
    const name = this.#names.get(pid)
    if (name === undefined) return
    this.#names.delete(pid)
    rmSync(path.join(this.#dir, name), { force: true })
  }

  /** Kills the runners of collectors that are gone. A number that another process has by now is not one of theirs. @returns how many */
  sweep(): number {
    let killed = 0
    for (const name of readdirSync(this.#dir)) {
      const [, namespace, collector, collectorStart, runner, runnerStart] = pattern.exec(name) ?? []
      if (namespace !== processNamespace() || startOf(Number(collector)) === collectorStart) continue
      if (startOf(Number(runner)) === runnerStart) {
        process.kill(Number(runner), 'SIGKILL')
        killed++
      }
      rmSync(path.join(this.#dir, name), { force: true })
    }
    return killed
  }
}
