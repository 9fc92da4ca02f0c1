import type { Collector } from '../collectors.ts'

const fields = [
  ['intr', 'node_intr_total', 'Total number of interrupts serviced.', 'counter'],
  ['ctxt', 'node_context_switches_total', 'Total number of context switches.', 'counter'],
  ['processes', 'node_forks_total', 'Total number of forks.', 'counter'],
  ['btime', 'node_boot_time_seconds', 'Node boot time, in unixtime.', 'gauge'],
  ['procs_running', 'node_procs_running', 'Number of processes in runnable state.', 'gauge'],
  ['procs_blocked', 'node_procs_blocked', 'Number of processes blocked waiting for I/O to complete.', 'gauge'],
] as const

/** Counters of the whole system from `/proc/stat`. */
export const collectStat: Collector = async (out, { fs }, args) => {
  const text = await fs.readText(`${args.procfs_path}/stat`)
  for (const [field, name, help, type] of fields) {
    const value = new RegExp(`^${field} (\\d+)`, 'm').exec(text)?.[1]
    if (value !== undefined) out[type](name, help, Number(value))
  }
}
