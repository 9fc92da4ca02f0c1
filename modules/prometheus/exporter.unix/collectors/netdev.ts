import type { Collector } from '../collectors.ts'
import { includeExclude } from './include-exclude.ts'

/** Columns of `/proc/net/dev`. */
const receive = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'frame', 'compressed', 'multicast']
const transmit = ['bytes', 'packets', 'errs', 'drop', 'fifo', 'colls', 'carrier', 'compressed']
const names = [...receive.map((name) => `receive_${name}`), ...transmit.map((name) => `transmit_${name}`)]

/** `node_network_*_total` from `/proc/net/dev`, and what it leaves out from sysfs. */
export const collectNetdev: Collector = async (out, { fs }, args) => {
  const shown = includeExclude(args.netdev.device_include, args.netdev.device_exclude)
  const text = await fs.readText(`${args.procfs_path}/net/dev`)
  for (const [, device, rest] of text.matchAll(/^\s*([^|\s]+):\s*(.*)$/gm)) {
    if (!shown(device!)) continue
    const values = rest!.trim().split(/\s+/)
    const counter = (name: string, value: string) =>
      out.counter(`node_network_${name}_total`, `Network device statistic ${name}.`, Number(value), { device: device! })
    names.forEach((name, i) => {
      if (values[i] !== undefined) counter(name, values[i])
    })
    const nohandler = await fs
      .readText(`${args.sysfs_path}/class/net/${device}/statistics/rx_nohandler`)
      .catch(() => '')
    if (/^\d+\s*$/.test(nohandler)) counter('receive_nohandler', nohandler.trim())
  }
}
