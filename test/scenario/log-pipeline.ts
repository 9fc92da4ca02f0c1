/** What the scenarios share: log files under load, the receiving end of their lines, collectors that end with the test. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { Receiver, type ReceiverOptions } from '../peers/receiver.ts'
import { Collector, type CollectorOptions } from '../servers/ingot.ts'
import { imbalances } from '../servers/live.ts'
import { until } from '../servers/process.ts'

const chaosProgram = fileURLToPath(new URL('chaos-collector.ts', import.meta.url))
/** Time between two writes of a {@link LogWriter}. */
const writeEveryMs = 20

export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'ingot-scenario-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** Collectors of the running test. */
const running = new Set<Collector>()

async function start(options: CollectorOptions): Promise<Collector> {
  const collector = await Collector.start(options)
  running.add(collector)
  collector.process.child.once('exit', () => running.delete(collector))
  onTestFinished(() => collector.stop('SIGKILL'))
  return collector
}

/** `ingot run` in a process of its own that ends with the test. */
export function startIngot(options: Omit<CollectorOptions, 'program'>): Promise<Collector> {
  return start(options)
}

/** The same from the program whose distribution holds the modules of the fixture. */
export function startChaos(options: Omit<CollectorOptions, 'program'>): Promise<Collector> {
  return start({ ...options, program: [chaosProgram] })
}

export async function startReceiver(
  options: ReceiverOptions = {},
): Promise<{ receiver: Receiver; pushUrl: string; grpc: string }> {
  const receiver = new Receiver(options)
  const { http, grpc } = await receiver.start()
  let stopped = false
  const stop = receiver.stop.bind(receiver)
  receiver.stop = async () => {
    if (!stopped) await stop()
    stopped = true
  }
  onTestFinished(() => receiver.stop())
  return { receiver, pushUrl: `http://${http}/loki/api/v1/push`, grpc }
}

/** Appends numbered lines to a file again and again, and knows what it has written. */
export class LogWriter {
  readonly path: string
  readonly lines: string[] = []
  readonly #name: string
  #timer: NodeJS.Timeout | undefined

  constructor(dir: string, name: string) {
    this.path = join(dir, `${name}.log`)
    this.#name = name
    appendFileSync(this.path, '')
    onTestFinished(() => this.pause())
  }

  write(count: number): void {
    const lines = Array.from({ length: count }, () => `${this.#name} line ${this.lines.push('')}`)
    this.lines.splice(-count, count, ...lines)
    appendFileSync(this.path, lines.map((line) => `${line}\n`).join(''))
  }

  /** A line with a text of its own. */
  say(text: string): void {
    this.lines.push(text)
    appendFileSync(this.path, `${text}\n`)
  }

  /** Writes `count` lines every 20 ms until {@link pause}. */
  flow(count: number): void {
    this.#timer = setInterval(() => this.write(count), writeEveryMs)
  }

  pause(): void {
    clearInterval(this.#timer)
  }
}

interface PushMessage {
  readonly streams: readonly { readonly labels: string; readonly entries: readonly { readonly line: string }[] }[]
}

/** How often each line arrived. */
export function arrivals(receiver: Receiver): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { streams } of receiver.messages<PushMessage>('lokiPush')) {
    for (const { entries } of streams) for (const { line } of entries) counts.set(line, (counts.get(line) ?? 0) + 1)
  }
  return counts
}

/** Waits until lines of every writer arrive. */
export async function untilFlowing(receiver: Receiver, writers: readonly LogWriter[]): Promise<void> {
  await until(() => {
    const there = arrivals(receiver)
    return writers.every(({ lines }) => lines.length > 0 && there.has(lines[0]!))
  }, 'the first line of every file')
}

/** Waits until every line of the writers, which must have paused, has arrived at least once. What the collectors of the test say of themselves is part of the error. */
export async function untilArrived(receiver: Receiver, writers: readonly LogWriter[], what: string): Promise<void> {
  let missing: string[] = []
  const allThere = (): boolean => {
    const there = arrivals(receiver)
    missing = writers.flatMap(({ lines }) => lines.filter((line) => !there.has(line)))
    return missing.length === 0 && writers.every(({ lines }) => lines.length > 0)
  }
  await until(allThere, what, 30_000).catch(async (error: unknown) => {
    const state = await Promise.all([...running].map(describe))
    throw new Error(
      `${(error as Error).message}: ${missing.length} missing, such as "${missing[0]}"\n${state.join('\n')}`,
    )
  })
}

async function describe(collector: Collector): Promise<string> {
  const live = await collector.live().catch((error: unknown) => String(error))
  return `${collector.process.output}\n${JSON.stringify(live, undefined, 1)}`
}

/** Waits until nothing is under way and every record is accounted for. */
export async function untilBalanced(collector: Collector): Promise<void> {
  let wrong: readonly string[] = []
  await until(async () => (wrong = imbalances(await collector.live())).length === 0, 'balanced counters', 15_000).catch(
    (error: unknown) => {
      throw new Error(`${(error as Error).message}:\n${wrong.join('\n')}\n${collector.process.output}`)
    },
  )
}

/** `local.file_match` and `loki.source.file` under `label`, sending to `forwardTo`. */
export function fileSource(label: string, pattern: string, forwardTo: string): string {
  return `
    local.file_match "${label}" {
      path_targets = [{ __path__ = "${pattern}", job = "test" }]
      sync_period  = "200ms"
    }
    loki.source.file "${label}" {
      targets    = local.file_match.${label}.targets
      forward_to = ${forwardTo}
    }`
}

/** `loki.write` that tries again quickly and never gives up. */
export function lokiWrite(label: string, pushUrl: string): string {
  return `
    loki.write "${label}" {
      endpoint {
        url                 = "${pushUrl}"
        batch_wait          = "50ms"
        min_backoff_period  = "50ms"
        max_backoff_period  = "200ms"
        max_backoff_retries = 0
      }
    }`
}
