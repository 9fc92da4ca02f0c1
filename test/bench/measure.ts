import { ServerProcess, until } from '../servers/process.ts'
import { processCost, type Cost } from './process-cost.ts'

export interface SinkCount {
  readonly records: number
  readonly wireBytes: number
}

/** One program measured while it did known work. */
export interface Measurement {
  readonly name: string
  readonly cpuSeconds: number
  /** That of its children alone. */
  readonly childSeconds: number
  readonly wallSeconds: number
  readonly peakRssMiB: number
  readonly records: number
  readonly wireBytes: number
  /** Bytes of input, where the workload counts by them. */
  readonly inputBytes: number
  /** Seconds of CPU time by the names of threads. */
  readonly threads: ReadonlyMap<string, number>
  readonly note?: string
}

/** Starts a program of this folder that prints its address on its first line. */
export async function startPart(
  file: string,
  ...args: string[]
): Promise<{ readonly address: string; readonly process: ServerProcess }> {
  const process_ = new ServerProcess(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    new URL(file, import.meta.url).pathname,
    ...args,
  ])
  const kill = (): void => void process_.child.kill()
  process.once('exit', kill)
  process_.child.once('exit', () => process.off('exit', kill))
  await until(() => process_.output.includes('\n'), `${file} to print its address`)
  return { address: process_.output.split('\n')[0]!, process: process_ }
}

async function sinkCount(address: string): Promise<SinkCount> {
  return (await (await fetch(`http://${address}/count`)).json()) as SinkCount
}

/** Waits until the sink has `records` of a program's; exactly so many, where `complete`. @throws when more have come. */
export async function untilArrived(
  sink: string,
  records: number,
  program: { readonly name: string; readonly process: ServerProcess },
  complete = false,
): Promise<void> {
  const arrivedMs = 900_000
  await until(
    async () => {
      if (!program.process.running) throw new Error(`${program.name} has ended:\n${program.process.output}`)
      return (await sinkCount(sink)).records >= records
    },
    `${records} records through ${program.name}`,
    arrivedMs,
  )
  const { records: arrived } = await sinkCount(sink)
  if (complete && arrived !== records)
    throw new Error(`Measured ${program.name} in vain: ${arrived} records arrived, want exactly ${records}`)
}

/** Cost and count between two moments. */
export class Meter {
  readonly #pid: number
  readonly #sink: string
  readonly #cost: Cost
  readonly #count: SinkCount
  readonly #at = performance.now()

  constructor(pid: number, sink: string, count: SinkCount) {
    this.#pid = pid
    this.#sink = sink
    this.#count = count
    this.#cost = processCost(pid)
  }

  static async start(pid: number, sink: string): Promise<Meter> {
    return new Meter(pid, sink, await sinkCount(sink))
  }

  /** @param bytesPerRecord of the input, where the workload counts by bytes */
  async stop(name: string, bytesPerRecord = 0): Promise<Measurement> {
    const wallSeconds = (performance.now() - this.#at) / 1000
    const count = await sinkCount(this.#sink)
    const cost = processCost(this.#pid)
    const records = count.records - this.#count.records
    return {
      name,
      cpuSeconds: cost.cpuSeconds - this.#cost.cpuSeconds,
      childSeconds: cost.childSeconds - this.#cost.childSeconds,
      wallSeconds,
      peakRssMiB: cost.peakRssMiB,
      records,
      wireBytes: count.wireBytes - this.#count.wireBytes,
      inputBytes: records * bytesPerRecord,
      threads: new Map(
        [...cost.threadSeconds].map(([name, seconds]) => [name, seconds - (this.#cost.threadSeconds.get(name) ?? 0)]),
      ),
    }
  }
}
