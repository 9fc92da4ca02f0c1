import type { Collector } from '../collectors.ts'

/** `node_memory_*` from `/proc/meminfo`: one gauge a line, in bytes where the line has a unit. */
export const collectMeminfo: Collector = async (out, { fs }, args) => {
  const text = await fs.readText(`${args.procfs_path}/meminfo`)
  for (const [, field, value, unit] of text.matchAll(/^([^:\s]+):\s+(\d+)(?: (kB))?\s*$/gm)) {
    // `Active(anon)` becomes `Active_anon`.
    const name = field!.replace(/\((.*)\)/, '_$1')
    const suffixed = unit === undefined ? name : `${name}_bytes`
    out.gauge(
      `node_memory_${suffixed}`,
      `Memory information field ${suffixed}.`,
      Number(value) * (unit === undefined ? 1 : 1024),
    )
  }
}
