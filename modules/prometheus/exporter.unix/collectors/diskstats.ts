import type { Collector } from '../collectors.ts'
import { includeExclude } from './include-exclude.ts'

const sectorBytes = 512
type Column = readonly [name: string, help: string, type: 'counter' | 'gauge', scale: number]

/** Columns of `/proc/diskstats` behind the device's name (Linux `Documentation/admin-guide/iostats.rst`). */
const columns: readonly Column[] = [
  ['reads_completed_total', 'The total number of reads completed successfully.', 'counter', 1],
  ['reads_merged_total', 'The total number of reads merged.', 'counter', 1],
  ['read_bytes_total', 'The total number of bytes read successfully.', 'counter', sectorBytes],
  ['read_time_seconds_total', 'The total number of seconds spent by all reads.', 'counter', 0.001],
  ['writes_completed_total', 'The total number of writes completed successfully.', 'counter', 1],
  ['writes_merged_total', 'The number of writes merged.', 'counter', 1],
  ['written_bytes_total', 'The total number of bytes written successfully.', 'counter', sectorBytes],
  ['write_time_seconds_total', 'This is the total number of seconds spent by all writes.', 'counter', 0.001],
  ['io_now', 'The number of I/Os currently in progress.', 'gauge', 1],
  ['io_time_seconds_total', 'Total seconds spent doing I/Os.', 'counter', 0.001],
  ['io_time_weighted_seconds_total', 'The weighted # of seconds spent doing I/Os.', 'counter', 0.001],
  ['discards_completed_total', 'The total number of discards completed successfully.', 'counter', 1],
  ['discards_merged_total', 'The total number of discards merged.', 'counter', 1],
  ['discarded_sectors_total', 'The total number of sectors discarded successfully.', 'counter', 1],
  ['discard_time_seconds_total', 'This is the total number of seconds spent by all discards.', 'counter', 0.001],
  ['flush_requests_total', 'The total number of flush requests completed successfully', 'counter', 1],
  [
    'flush_requests_time_seconds_total',
    'This is the total number of seconds spent by all flush requests.',
    'counter',
    0.001,
  ],
]

/** `node_disk_*` from `/proc/diskstats`, and what udev knows of the devices. */
export const collectDiskstats: Collector = async (out, { fs }, args) => {
  const shown = includeExclude(
    args.disk.device_include,
    args.disk.device_include ? undefined : args.disk.device_exclude,
  )
  const text = await fs.readText(`${args.procfs_path}/diskstats`)
  for (const line of text.split('\n')) {
    const [major = '', minor = '', device, ...values] = line.trim().split(/\s+/)
    if (device === undefined || !shown(device)) continue
    columns.forEach(([name, help, type, scale], i) => {
      if (values[i] !== undefined) out[type](`node_disk_${name}`, help, Number(values[i]) * scale, { device })
    })
    const udev = await fs.readText(`${args.udev_data_path}/b${major}:${minor}`).catch(() => '')
    const property = (name: string) => new RegExp(`^E:${name}=(.*)$`, 'm').exec(udev)?.[1] ?? ''
    out.gauge('node_disk_info', 'Info of /sys/block/<block_device>.', 1, {
      device,
      major,
      minor,
      model: property('ID_MODEL'),
      path: property('ID_PATH'),
      revision: property('ID_REVISION'),
      serial: property('ID_SERIAL_SHORT'),
      wwn: property('ID_WWN'),
    })
  }
}
