import type { Collector } from '../collectors.ts'
import { includeExclude } from './include-exclude.ts'

interface Mount {
  readonly device: string
  readonly mountpoint: string
  readonly fstype: string
  readonly readonly: boolean
}

/** `node_filesystem_*` by statfs(2) of what is mounted. */
export const collectFilesystem: Collector = async (out, { fs, clock }, args) => {
  const { fs_types_exclude: types, mount_points_exclude: points, mount_timeout: timeoutMs } = args.filesystem
  const typeShown = includeExclude(undefined, types)
  const pointShown = includeExclude(undefined, points)
  const proc = args.procfs_path
  // The mounts of process 1 are the host's; without the right to read them, our own.
  const text = await fs.readText(`${proc}/1/mounts`).catch(() => fs.readText(`${proc}/self/mounts`))
  for (const { device, mountpoint, fstype, readonly } of mountsOf(text, args.rootfs_path)) {
    if (!pointShown(mountpoint) || !typeShown(fstype)) continue
    const labels = { device, fstype, mountpoint }
    const gauge = (name: string, help: string, value: number) =>
      out.gauge(`node_filesystem_${name}`, help, value, labels)
    const path = args.rootfs_path === '/' ? mountpoint : `${args.rootfs_path}${mountpoint}`
    const stat = await within(fs.statfs(path), (signal) => clock.sleep(timeoutMs, { signal }))
    gauge('device_error', 'Whether an error occurred while getting statistics for the given device.', stat ? 0 : 1)
    gauge('readonly', 'Filesystem read-only status.', readonly ? 1 : 0)
    if (!stat) continue
    gauge('size_bytes', 'Filesystem size in bytes.', stat.blocks * stat.bsize)
    gauge('free_bytes', 'Filesystem free space in bytes.', stat.bfree * stat.bsize)
    gauge('avail_bytes', 'Filesystem space available to non-root users in bytes.', stat.bavail * stat.bsize)
    gauge('files', 'Filesystem total file nodes.', stat.files)
    gauge('files_free', 'Filesystem total free file nodes.', stat.ffree)
  }
}

/** Each mount once, by its last line: a later mount covers an earlier one. */
function mountsOf(text: string, rootfs: string): Iterable<Mount> {
  const mounts = new Map<string, Mount>()
  const prefix = rootfs.replace(/\/$/, '')
  for (const line of text.split('\n')) {
    const [device, point, fstype, options] = line.split(' ')
    if (options === undefined) continue
    const whole = unescaped(point!)
    const mountpoint = prefix !== '' && whole.startsWith(prefix) ? whole.slice(prefix.length) || '/' : whole
    mounts.set(mountpoint, {
      device: unescaped(device!),
      mountpoint,
      fstype: fstype!,
      readonly: options.split(',').includes('ro'),
    })
  }
  return mounts.values()
}

function unescaped(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)))
}

/** The result, or undefined when it fails or takes longer than the sleep. */
async function within<T>(work: Promise<T>, sleep: (signal: AbortSignal) => Promise<void>): Promise<T | undefined> {
  const abort = new AbortController()
  const late = sleep(abort.signal).then(
    () => undefined,
    () => undefined,
  )
  try {
    return await Promise.race([work.catch(() => undefined), late])
  } finally {
    abort.abort()
  }
}
