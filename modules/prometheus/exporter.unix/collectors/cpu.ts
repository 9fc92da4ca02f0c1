import { compileRegexp, type ExpositionWriter } from '@ingot/kits'
import type { Collector } from '../collectors.ts'

const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const
/** USER_HZ: fixed by the kernel's interface to user space. */
const ticksPerSecond = 100

/** `node_cpu_*` from `/proc/stat` and `/proc/cpuinfo`. */
export const collectCpu: Collector = async (out, { fs }, args) => {
  const stat = await fs.readText(`${args.procfs_path}/stat`)
  for (const [, cpu, rest] of stat.matchAll(/^cpu(\d+) (.*)$/gm)) {
    const ticks = rest!.trim().split(/\s+/).map(Number)
    modes.forEach((mode, i) => {
      out.counter('node_cpu_seconds_total', 'Seconds the CPUs spent in each mode.', (ticks[i] ?? 0) / ticksPerSecond, {
        cpu: cpu!,
        mode,
      })
    })
    if (!args.cpu.guest) continue
    const help = 'Seconds the CPUs spent in guests (VMs) for each mode.'
    out.counter('node_cpu_guest_seconds_total', help, (ticks[8] ?? 0) / ticksPerSecond, { cpu: cpu!, mode: 'user' })
    out.counter('node_cpu_guest_seconds_total', help, (ticks[9] ?? 0) / ticksPerSecond, { cpu: cpu!, mode: 'nice' })
  }
  if (args.cpu.info) writeInfo(out, await fs.readText(`${args.procfs_path}/cpuinfo`), args.cpu)
}

function writeInfo(
  out: ExpositionWriter,
  cpuinfo: string,
  {
    flags_include: flags,
    bugs_include: bugs,
  }: { flags_include?: string | undefined; bugs_include?: string | undefined },
): void {
  const cpus = cpuinfo
    .split(/\n\s*\n/)
    .map((part) => new Map(Array.from(part.matchAll(/^([^\t:]+?)\s*:\s?(.*)$/gm), ([, key, value]) => [key!, value!])))
    .filter((fields) => fields.has('processor'))
  for (const fields of cpus) {
    const of = (key: string) => fields.get(key) ?? ''
    out.gauge('node_cpu_info', 'CPU information from /proc/cpuinfo.', 1, {
      cachesize: of('cache size'),
      core: of('core id'),
      cpu: of('processor'),
      family: of('cpu family'),
      microcode: of('microcode'),
      model: of('model'),
      model_name: of('model name'),
      package: of('physical id'),
      stepping: of('stepping'),
      vendor: of('vendor_id'),
    })
  }
  const first = cpus[0]
  const words = (key: string, pattern: string) =>
    (first?.get(key) ?? '').split(' ').filter((word) => word !== '' && compileRegexp(pattern).test(word))
  for (const flag of flags ? words('flags', flags) : [])
    out.gauge(
      'node_cpu_flag_info',
      'The `flags` field of CPU information from /proc/cpuinfo taken from the first core.',
      1,
      { flag },
    )
  for (const bug of bugs ? words('bugs', bugs) : [])
    out.gauge(
      'node_cpu_bug_info',
      'The `bugs` field of CPU information from /proc/cpuinfo taken from the first core.',
      1,
      { bug },
    )
}
