import type { ExpositionWriter } from '@ingot/kits'
import type { Clock, FileReader, HostStats } from '@ingot/sdk'
import type { UnixArguments } from './arguments.ts'
import { collectCpu } from './collectors/cpu.ts'
import { collectDiskstats } from './collectors/diskstats.ts'
import { collectFilesystem } from './collectors/filesystem.ts'
import { collectLoadavg } from './collectors/loadavg.ts'
import { collectMeminfo } from './collectors/meminfo.ts'
import { collectNetdev } from './collectors/netdev.ts'
import { collectStat } from './collectors/stat.ts'
import { collectUname } from './collectors/uname.ts'

/** What a collector reads from. */
export interface Host {
  readonly fs: FileReader
  readonly clock: Clock
  readonly host: HostStats
}

/** Reads one area of the host's figures and writes them as node_exporter names them. Throwing marks the collector as failed. */
export type Collector = (out: ExpositionWriter, host: Host, args: UnixArguments) => Promise<void> | void

export const collectors = {
  cpu: collectCpu,
  diskstats: collectDiskstats,
  filesystem: collectFilesystem,
  loadavg: collectLoadavg,
  meminfo: collectMeminfo,
  netdev: collectNetdev,
  stat: collectStat,
  uname: collectUname,
} satisfies Record<string, Collector>

export type CollectorName = keyof typeof collectors
