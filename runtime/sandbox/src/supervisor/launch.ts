import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { RunnerProgram } from '../program/runner-program.ts'

const run = promisify(execFile)
const probeTimeoutMs = 5_000

/** What of the operating system's means confines runners here. */
export interface Confinement {
  /** The kernel kills a runner when the collector dies, whatever the runner is doing. */
  readonly parentDeath: boolean
  /** The runner has a network namespace of its own, without interfaces. */
  readonly noNetwork: boolean
}

const parentDeath = ['setpriv', '--pdeathsig', 'KILL']
const noNetwork = ['unshare', '-r', '-n']

/** Tries out what the host offers. Runners start without what it lacks. */
export async function probeConfinement(): Promise<Confinement> {
  const [dies, alone] = await Promise.all([works(parentDeath), works(noNetwork)])
  return { parentDeath: dies, noNetwork: alone }
}

async function works(prefix: readonly string[]): Promise<boolean> {
  const [command, ...args] = [...prefix, 'true']
  return run(command!, args, { timeout: probeTimeoutMs }).then(
    () => true,
    () => false,
  )
}

/** The command line of a blank runner. `spareMemoryMiB`: limit of the isolate that it makes in advance. */
export function launchLine(program: RunnerProgram, confinement: Confinement, spareMemoryMiB: number): string[] {
  return [
    ...(confinement.noNetwork ? noNetwork : []),
    // After the namespace: the signal is set for the process that stays.
    ...(confinement.parentDeath ? parentDeath : []),
    process.execPath,
    '--permission',
    '--allow-addons',
    `--allow-fs-read=${program.dir}`,
    // A young generation of this size removes most of what an isolate costs over plain code.
    '--max-semi-space-size=16',
    '--wasm-max-mem-pages=16',
    '--enable-sharedarraybuffer-per-context',
    '--no-warnings',
    program.main,
    program.addon,
    program.prelude,
    String(spareMemoryMiB),
  ]
}

/** Nothing of the collector's environment: time zone and locale are pinned, so that equal input gives equal output. */
export const runnerEnvironment = { TZ: 'UTC', LANG: 'C' }
