import type { Collector } from '../collectors.ts'

/** `node_load*` from `/proc/loadavg`. */
export const collectLoadavg: Collector = async (out, { fs }, args) => {
  const loads = (await fs.readText(`${args.procfs_path}/loadavg`)).split(' ').slice(0, 3).map(Number)
  if (loads.length < 3 || loads.some(Number.isNaN)) throw new Error('Cannot read loadavg: want three numbers')
  out.gauge('node_load1', '1m load average.', loads[0]!)
  out.gauge('node_load5', '5m load average.', loads[1]!)
  out.gauge('node_load15', '15m load average.', loads[2]!)
}
