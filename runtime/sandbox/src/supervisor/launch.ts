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
  /** The runner has no capability of the kernel, in its own namespaces neither, and can gain none. */
  readonly noPrivileges: boolean
}

const noNetwork = ['unshare', '-r', '-n']
const parentDeath = ['setpriv', '--pdeathsig', 'KILL']
const noPrivileges = ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all']

/** Tries out what the host offers. Runners start without what it lacks. */
export async function probeConfinement(): Promise<Confinement> {
  const [alone, dies] = await Promise.all([works(noNetwork), works(parentDeath)])
  const prefix = alone ? noNetwork : []
  return {
    parentDeath: dies,
    noNetwork: alone,
    // Tried in the namespace, where the user is root: outside of it only root may give up what it could regain.
    noPrivileges: dies && (await works([...prefix, ...parentDeath, ...noPrivileges])),
  }
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
    ...(confinement.noPrivileges ? noPrivileges : []),
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

/**
 * Nothing of the collector's environment: time zone and locale are pinned, so that equal input gives equal output. The other
 * two keep the C library from returning a batch's memory to the system after each turn, only to fault it in again; what it keeps
 * counts towards the bound of resident memory.
 */
export const runnerEnvironment = {
  TZ: 'UTC',
  LANG: 'C',
  MALLOC_MMAP_THRESHOLD_: String(32 * 1024 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(32 * 1024 * 1024),
}
