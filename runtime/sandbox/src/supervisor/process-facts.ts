import fs from 'node:fs'

/** Page size and clock tick of every Linux platform that runners exist for. */
const pageBytes = 4096
const tickMs = 10
const textBytesMax = 1024

/** Reads a process's memory and CPU from /proc, through files that are opened once. */
export class ProcessFacts {
  readonly #statm: number | undefined
  readonly #stat: number | undefined
  readonly #buffer = Buffer.allocUnsafeSlow(textBytesMax)

  constructor(pid: number) {
    this.#statm = openOrNone(`/proc/${pid}/statm`)
    this.#stat = openOrNone(`/proc/${pid}/stat`)
  }

  /** Resident bytes; 0 when the process is gone or the platform has no /proc. */
  residentBytes(): number {
    const text = this.#read(this.#statm)
    return Number(text.split(' ')[1] ?? 0) * pageBytes
  }

  /** User and system time; `undefined` when it cannot be read any more. */
  cpuMs(): number | undefined {
    const text = this.#read(this.#stat)
    // The command's name stands in parentheses and may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return fields.length > 12 ? (Number(fields[11]) + Number(fields[12])) * tickMs : undefined
  }

  close(): void {
    if (this.#statm !== undefined) fs.closeSync(this.#statm)
    if (this.#stat !== undefined) fs.closeSync(this.#stat)
  }

  #read(fd: number | undefined): string {
    if (fd === undefined) return ''
    try {
      return this.#buffer.toString('latin1', 0, fs.readSync(fd, this.#buffer, 0, textBytesMax, 0))
    } catch {
      return ''
    }
  }
}

function openOrNone(path: string): number | undefined {
  try {
    return fs.openSync(path, 'r')
  } catch {
    return undefined
  }
}
