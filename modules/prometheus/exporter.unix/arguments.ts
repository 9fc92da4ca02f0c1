import { checkedRegexp, fixed, notYet, withRules } from '@ingot/kits'
import { block, duration } from '@ingot/sdk'
import { z } from 'zod'
import { collectors, type CollectorName } from './collectors.ts'
import { otherCollectors } from './other-collectors.ts'

const pattern = (what: string, by?: string) =>
  (by === undefined ? checkedRegexp().optional() : checkedRegexp().default(by)).describe(what)

const fsTypes =
  '^(autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$'
const mountPoints = '^/(dev|proc|run/credentials/.+|sys|var/lib/docker/.+)($|/)'
const disks = '^(ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\\d+n\\d+p)\\d+$'

const collector = notYet(z.string(), { except: Object.keys(collectors) })

/** Arguments of `prometheus.exporter.unix`, as Alloy's. */
export const unixArguments = z.strictObject({
  disable_collectors: z.array(z.string()).default([]).describe('Collectors to leave out.'),
  enable_collectors: z.array(collector).default([]).describe('Collectors to add to the default ones.'),
  include_exporter_metrics: fixed(z.boolean(), false).describe(
    'Whether metrics of the exporter itself are added. Not supported: must be false.',
  ),
  procfs_path: z.string().default('/proc').describe('Where procfs is mounted.'),
  rootfs_path: z.string().default('/').describe('Where the root file system of the host is mounted.'),
  set_collectors: z.array(collector).optional().describe('Collectors to run, instead of the default ones.'),
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
    withRules(
      z.strictObject({
        address_info: fixed(z.boolean(), false).describe('Whether addresses are shown. Not supported: must be false.'),
        device_exclude: pattern('Devices to leave out.'),
        device_include: pattern('Devices to show; the others are left out.'),
      }),
      { rule: 'at_most_one', of: ['device_exclude', 'device_include'] },
    ),
  )
    .prefault({})
    .describe('The netdev collector.'),
  ...otherCollectors,
})

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
