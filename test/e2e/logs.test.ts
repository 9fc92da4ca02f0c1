import {
  appendFileSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Receiver } from '../peers/receiver.ts'
import { Collector } from '../servers/ingot.ts'
import { imbalances } from '../servers/live.ts'
import { until } from '../servers/process.ts'

interface PushMessage {
  readonly streams: readonly { readonly labels: string; readonly entries: readonly { readonly line: string }[] }[]
}

/** How often each line arrived. */
function arrivals(receiver: Receiver): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { streams } of receiver.messages<PushMessage>('lokiPush')) {
    for (const { entries } of streams) for (const { line } of entries) counts.set(line, (counts.get(line) ?? 0) + 1)
  }
  return counts
}

function config(files: string, pushUrl: string): string {
  return `
    local.file_match "logs" {
      path_targets = [{ __path__ = "${files}", job = "test" }]
      sync_period  = "200ms"
    }
    loki.source.file "logs" {
      targets    = local.file_match.logs.targets
      forward_to = [loki.process.logs.receiver]
    }
    loki.process "logs" {
      forward_to = [loki.write.out.receiver]
      stage.static_labels { values = { stage = "e2e" } }
    }
    loki.write "out" {
      endpoint {
        url        = "${pushUrl}"
        batch_wait = "100ms"
      }
    }`
}

test(
  'a file under load, rotated by rename and truncated once read, arrives line by line exactly once',
  { timeout: 90_000 },
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ingot-logs-'))
    const receiver = new Receiver()
    const { http } = await receiver.start()
    const path = join(dir, 'app.log')
    appendFileSync(path, '')
    const collector = await Collector.start({
      config: config(path, `http://${http}/loki/api/v1/push`),
      flags: ['--lanes=2'],
    })
    let written = 0
    let writtenBefore = 0
    const write = (lines: number): void => {
      const text = Array.from({ length: lines }, () => `line ${written++} ${'x'.repeat(written % 200)}\n`).join('')
      appendFileSync(path, text)
    }
    for (let round = 0; round < 20; round++) {
      write(500)
      if (round % 7 === 3) {
        // A file that comes and goes between two looks at its name is nobody's to read: this one has been seen.
        await until(() => arrivals(receiver).size > writtenBefore, 'a line of the file to be rotated', 30_000)
        write(500)
        renameSync(path, join(dir, `app.log.${round}`))
        writtenBefore = written
      }
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    await until(() => arrivals(receiver).size === written, `${written} lines before truncation`, 30_000)
    truncateSync(path, 0)
    write(1_000)
    await until(() => arrivals(receiver).size === written, `${written} lines`, 30_000)
    const twice = [...arrivals(receiver)].filter(([, count]) => count !== 1)
    expect(twice).toEqual([])
    expect(arrivals(receiver).get('line 0 x')).toBe(1)
    await until(async () => imbalances(await collector.live()).length === 0, 'balanced counters', 10_000)
    await collector.stop()
    await receiver.stop()
  },
)

test(
  'ten files on two lanes: every line is sent once, and a restart goes on where it stopped',
  { timeout: 90_000 },
  async () => {
    const dir = mkdtempSync(join(tmpdir(), 'ingot-files-'))
    mkdirSync(join(dir, 'logs'))
    const receiver = new Receiver()
    const { http } = await receiver.start()
    const files = Array.from({ length: 10 }, (_, i) => join(dir, 'logs', `f${i}.log`))
    const write = (round: number): void => {
      for (const [i, file] of files.entries()) {
        const descriptor = openSync(file, 'a')
        for (let line = 0; line < 200; line++) writeSync(descriptor, `file ${i} round ${round} line ${line}\n`)
        fsyncSync(descriptor)
        closeSync(descriptor)
      }
    }
    write(0)
    const options = {
      config: config(join(dir, 'logs', '*.log'), `http://${http}/loki/api/v1/push`),
      dir,
      flags: ['--lanes=2'],
    }
    const first = await Collector.start(options)
    await until(() => arrivals(receiver).size === 2_000, 'the first round', 30_000)
    await until(async () => imbalances(await first.live()).length === 0, 'balanced counters', 10_000)
    await first.stop()
    write(1)
    const second = await Collector.start({ ...options, flags: ['--lanes=1'] })
    await until(() => arrivals(receiver).size === 4_000, 'the second round', 30_000)
    expect([...arrivals(receiver)].filter(([, count]) => count !== 1)).toEqual([])
    await second.stop()
    await receiver.stop()
  },
)
