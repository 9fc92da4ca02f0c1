import { fixed, unsupported } from '@ingot/kits'
import { block, duration } from '@ingot/sdk'
import { z } from 'zod'

const text = (by?: string) =>
  (by === undefined ? unsupported(z.string()) : fixed(z.string(), by)).describe('As in Alloy.')
const flag = () => fixed(z.boolean(), false).describe('As in Alloy.')
const count = (by: number) => fixed(z.number().int(), by).describe('As in Alloy.')
const list = (by?: string[]) =>
  (by === undefined ? unsupported(z.array(z.string())) : fixed(z.array(z.string()), by)).describe('As in Alloy.')
const span = (by: string) => fixed(duration(), by).describe('As in Alloy.')

function other<S extends z.core.$ZodLooseShape>(shape: S) {
  return block(z.strictObject(shape))
    .prefault({} as never)
    .describe('A collector of Alloy that does not exist here: must be left as it is.')
}

/** Blocks of collectors that Alloy has and this exporter has not: they are known so that their use is a clear error. */
export const otherCollectors = {
  arp: other({ device_exclude: text(), device_include: text(), netlink: flag() }),
  bcache: other({ priority_stats: flag() }),
  ethtool: other({ device_exclude: text(), device_include: text(), metrics_include: text('.*') }),
  hwmon: other({ chip_include: text(), chip_exclude: text() }),
  ipvs: other({
    backend_labels: list(['local_address', 'local_port', 'remote_address', 'remote_port', 'proto', 'local_mark']),
  }),
  ntp: other({
    ip_ttl: count(1),
    local_offset_tolerance: span('1ms'),
    max_distance: span('3466080us'),
    protocol_version: count(4),
    server_is_local: flag(),
    server: text('127.0.0.1'),
  }),
  netclass: other({ ignore_invalid_speed_device: flag(), ignored_devices: text('^$') }),
  netstat: other({
    fields: text(
      '^(.*_(InErrors|InErrs)|Ip_Forwarding|Ip(6|Ext)_(InOctets|OutOctets)|Icmp6?_(InMsgs|OutMsgs)|TcpExt_(Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts)|Tcp_(ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$',
    ),
  }),
  perf: other({
    cache_profilers: list(),
    cpus: text(),
    disable_cache_profilers: flag(),
    disable_hardware_profilers: flag(),
    disable_software_profilers: flag(),
    hardware_profilers: list(),
    software_profilers: list(),
    tracepoint: list(),
  }),
  powersupply: other({ ignored_supplies: text('^$') }),
  runit: other({ service_dir: text('/etc/service') }),
  supervisord: other({ url: text('http://localhost:9001/RPC2') }),
  sysctl: other({ include: list([]), include_info: list([]) }),
  systemd: other({
    enable_restarts: flag(),
    start_time: flag(),
    task_metrics: flag(),
    unit_exclude: text('.+\\.(automount|device|mount|scope|slice)'),
    unit_include: text('.+'),
  }),
  tapestats: other({ ignored_devices: text('^$') }),
  textfile: other({ directory: text() }),
  vmstat: other({ fields: text('^(oom_kill|pgpg|pswp|pg.*fault).*') }),
}
