import { readdirSync, readFileSync } from 'node:fs'

const pageBytes = 4096

/** What a process holds now. */
export interface Holding {
  readonly rssMiB: number
  readonly descriptors: number
}

export function holdingOf(pid: number): Holding {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1])
  return { rssMiB: (pages * pageBytes) / 2 ** 20, descriptors: readdirSync(`/proc/${pid}/fd`).length }
}

/** Processes whose command line names `text`: also those that nobody is the parent of any more. */
export function processesNaming(text: string): number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => pid !== process.pid && isAlive(pid) && read(`/proc/${pid}/cmdline`).includes(text))
}

/** Of all of them; one that ends meanwhile has nothing. */
export function residentMiB(pids: readonly number[]): number {
  const pages = pids.map((pid) => Number(read(`/proc/${pid}/statm`).split(' ')[1] ?? 0))
  return (pages.reduce((sum, each) => sum + each, 0) * pageBytes) / 2 ** 20
}

/** Not a zombie that waits to be looked at. */
function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`)
  return stat !== '' && stat[stat.lastIndexOf(')') + 2] !== 'Z'
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
