import { readdirSync, readFileSync } from 'node:fs'

/** Clock ticks per second of /proc/<pid>/stat: fixed at 100 for user space on Linux. */
const ticksPerSecond = 100

export interface Cost {
  /** User and system time of the process, its threads and its living children. */
  readonly cpuSeconds: number
  /** That of the living children alone. */
  readonly childSeconds: number
  readonly peakRssMiB: number
  /** The same time by the names of threads. */
  readonly threadSeconds: ReadonlyMap<string, number>
}

/** What a process and its descendants have cost so far. */
export function processCost(pid: number): Cost {
  const pids = [pid, ...descendants(pid)]
  let ticks = 0
  let childTicks = 0
  let rssKiB = 0
  const threadSeconds = new Map<string, number>()
  for (const one of pids) {
    for (const thread of entries(`/proc/${one}/task`)) {
      const stat = read(`/proc/${one}/task/${thread}/stat`)
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
      threadSeconds.set(name, (threadSeconds.get(name) ?? 0) + ticksOf(stat) / ticksPerSecond)
    }
    const own = ticksOf(read(`/proc/${one}/stat`))
    ticks += own
    if (one !== pid) childTicks += own
    rssKiB += Number(/VmHWM:\s+(\d+)/.exec(read(`/proc/${one}/status`))?.[1] ?? 0)
  }
  return {
    cpuSeconds: ticks / ticksPerSecond,
    childSeconds: childTicks / ticksPerSecond,
    peakRssMiB: rssKiB / 1024,
    threadSeconds,
  }
}

/** User and system time of a line of `stat`. */
function ticksOf(stat: string): number {
  // The name may hold spaces and parentheses: fields are counted from behind its last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0)
}

function descendants(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const entry of entries('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = read(`/proc/${entry}/stat`)
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    children.set(parent, [...(children.get(parent) ?? []), Number(entry)])
  }
  const found: number[] = []
  const visit = (one: number): void => {
    for (const child of children.get(one) ?? []) {
      found.push(child)
      visit(child)
    }
  }
  visit(pid)
  return found
}

/** Processes and threads may end while they are looked at. */
function entries(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
