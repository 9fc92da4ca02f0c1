import { RunnerSupervisor, type Inspection } from '@ingot/sandbox'
import { join } from 'node:path'
import type { CollectorLog } from './log.ts'
import type { RunnerHistory } from './runner-history.ts'

export interface SupervisorOptions {
  readonly cacheDir: string
  readonly history: RunnerHistory
  readonly log: Pick<CollectorLog, 'log'>
  /** For authors: what connects an instance's runner with a debugger. */
  readonly inspect?: ((instance: string, sha256: string) => Inspection | undefined) | undefined
}

/** The supervisor of the collector's runners: what becomes of them goes to the log and into their history. */
export async function openSupervisor(options: SupervisorOptions): Promise<RunnerSupervisor> {
  const { cacheDir, history, log, inspect } = options
  const supervisor = await RunnerSupervisor.open({
    cacheDir: join(cacheDir, 'runner'),
    ...(inspect && { inspect }),
    onExit: (exit) => {
      history.exited(exit)
      const { instance, reason, detail, batch, peakRssBytes, cpuMs, shared } = exit
      const figures = { peak_rss_bytes: peakRssBytes, cpu_ms: cpuMs, ...(shared.length > 0 && { shared }) }
      log.log('warn', 'runner ended', { component_id: instance, reason, detail, batch, ...figures })
    },
    onLastCall: (runner, instance, call) => history.lastCall(runner, instance, call),
    onIsolateLost: (instance, reason) => history.isolateLost(instance, reason),
    onQuarantined: (instance, reason) => {
      history.quarantined(instance, reason)
      const resume = `POST /api/v0/ingot/components/${instance}/resume`
      log.log('error', 'module quarantined: it is not started again', { component_id: instance, reason, resume })
    },
  })
  const { noNetwork, noPrivileges, parentDeath } = supervisor.confinement
  const confinement = { no_network: noNetwork, no_privileges: noPrivileges, end_with_collector: parentDeath }
  const whole = noNetwork && noPrivileges && parentDeath
  log.log(whole ? 'info' : 'warn', 'runners are confined as far as the host allows it', confinement)
  return supervisor
}
