import { compileRegexp } from '@ingot/kits'
import { block, duration, regexp } from '@ingot/sdk'
import { z } from 'zod'
import { collectors, type CollectorName } from './collectors.ts'
import { otherCollectors } from './other-collectors.ts'

const pattern = (what: string, by?: string) =>
  (by === undefined ? regexp().optional() : regexp().default(by)).describe(what)

const fsTypes =
  '^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$'
const mountPoints = '^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+)($|/)'
const disks = '^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$'

/** Arguments of `prometheus.exporter.unix`, as Alloy's. */
export const unixArguments = z
  .strictObject({
    disable_collectors: z.array(z.string()).default([]).describe('Collectors to leave out.'),
    enable_collectors: z.array(z.string()).default([]).describe('Collectors to add to the default ones.'),
    include_exporter_metrics: z
      .boolean()
      .default(false)
      .describe('Whether metrics of the exporter itself are added. Not supported: must be false.'),
    procfs_path: z.string().default('/proc').describe('Where procfs is mounted.'),
    rootfs_path: z.string().default('/').describe('Where the root file system of the host is mounted.'),
    set_collectors: z.array(z.string()).optional().describe('Collectors to run, instead of the default ones.'),
    sysfs_path: z.string().default('/sys').describe('Where sysfs is mounted.'),
    udev_data_path: z.string().default('/run/udev/data').describe('Where udev keeps its data.'),
    cpu: block(
      z.strictObject({
        bugs_include: pattern('CPU bugs to show, with info.'),
        flags_include: pattern('CPU flags to show, with info.'),
        guest: z.boolean().default(false).describe('Whether node_cpu_guest_seconds_total is shown.'),
        info: z.boolean().default(false).describe('Whether node_cpu_info is shown.'),
      }),
    )
      .prefault({})
      .describe('The cpu collector.'),
    disk: block(
      z.strictObject({
        device_exclude: pattern('Devices to leave out.', disks),
        device_include: pattern('Devices to show; the others are left out.'),
      }),
    )
      .prefault({})
      .describe('The diskstats collector.'),
    filesystem: block(
      z.strictObject({
        fs_types_exclude: pattern('File system types to leave out.', fsTypes),
        mount_points_exclude: pattern('Mount points to leave out.', mountPoints),
        mount_timeout: duration().prefault('5s').describe('How long a mount may take to answer.'),
      }),
    )
      .prefault({})
      .describe('The filesystem collector.'),
    netdev: block(
      z.strictObject({
        address_info: z.boolean().default(false).describe('Whether addresses are shown. Not supported: must be false.'),
        device_exclude: pattern('Devices to leave out.'),
        device_include: pattern('Devices to show; the others are left out.'),
      }),
    )
      .prefault({})
      .describe('The netdev collector.'),
    ...otherCollectors,
  })
  .superRefine((args, ctx) => {
    const reject = (message: string) => ctx.addIssue({ code: 'custom', message })
    if (args.include_exporter_metrics) reject('include_exporter_metrics is not supported: want false')
    if (args.netdev.address_info) reject('netdev address_info is not supported: want false')
    if (args.netdev.device_exclude && args.netdev.device_include)
      reject('at most one of netdev device_exclude and device_include must be configured')
    for (const name of [...args.enable_collectors, ...(args.set_collectors ?? [])]) {
      if (!(name in collectors))
        reject(`collector "${name}" is not supported: want one of ${Object.keys(collectors).join(', ')}`)
    }
    for (const [name, schema] of Object.entries(otherCollectors)) {
      const given = args[name as keyof typeof otherCollectors]
      if (JSON.stringify(given) !== JSON.stringify(schema.parse(undefined)))
        reject(`${name} is not supported: its collector does not exist, so its block must be left out`)
    }
    for (const text of patternsOf(args)) {
      try {
        compileRegexp(text)
      } catch (error) {
        reject((error as Error).message)
      }
    }
  })

function patternsOf({
  cpu,
  disk,
  filesystem,
  netdev,
}: Pick<UnixArguments, 'cpu' | 'disk' | 'filesystem' | 'netdev'>): string[] {
  return [
    cpu.bugs_include,
    cpu.flags_include,
    disk.device_exclude,
    disk.device_include,
    filesystem.fs_types_exclude,
    filesystem.mount_points_exclude,
    netdev.device_exclude,
    netdev.device_include,
  ].filter((text) => text !== undefined)
}

export interface UnixArguments {
  readonly disable_collectors: string[]
  readonly enable_collectors: string[]
  readonly set_collectors?: string[] | undefined
  readonly procfs_path: string
  readonly rootfs_path: string
  readonly sysfs_path: string
  readonly udev_data_path: string
  readonly cpu: {
    readonly bugs_include?: string | undefined
    readonly flags_include?: string | undefined
    readonly guest: boolean
    readonly info: boolean
  }
  readonly disk: { readonly device_exclude?: string | undefined; readonly device_include?: string | undefined }
  readonly filesystem: {
    readonly fs_types_exclude?: string | undefined
    readonly mount_points_exclude?: string | undefined
    readonly mount_timeout: number
  }
  readonly netdev: { readonly device_exclude?: string | undefined; readonly device_include?: string | undefined }
}

/** The collectors to run: the given set or all, with those enabled, without those disabled. */
export function wantedCollectors(args: UnixArguments): CollectorName[] {
  const all = Object.keys(collectors) as CollectorName[]
  const wanted = new Set<string>([
    ...(args.set_collectors?.length ? args.set_collectors : all),
    ...args.enable_collectors,
  ])
  return all.filter((name) => wanted.has(name) && !args.disable_collectors.includes(name))
}
