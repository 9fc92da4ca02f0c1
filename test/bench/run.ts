/**
 * `npm run bench [-- scrape|logs|parsed-logs|traces|language|sandbox|sandbox-tax] [--long] [--own] [--threads]`: Ingot beside its peers on
 * the same work, one after the other, on this machine; `--own` leaves the peers out, `--threads` shows CPU by thread.
 * CPU is what counts; wall time is indicative. Nothing is asserted but completeness. `language`, `sandbox` and `sandbox-tax`
 * have no peers: they are about large configurations and about runners, and print what is wanted beside what is measured.
 */
import { parseArgs } from 'node:util'
import { installServers } from '../servers/debian.ts'
import type { Measurement } from './measure.ts'
import { measureLanguage } from './workloads/language.ts'
import { measureLogs, measureParsedLogs } from './workloads/logs.ts'
import { measureSandboxTax } from './workloads/sandbox-tax.ts'
import { measureSandbox } from './workloads/sandbox.ts'
import { measureScrape } from './workloads/scrape.ts'
import { measureTraces } from './workloads/traces.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    long: { type: 'boolean', default: false },
    own: { type: 'boolean', default: false },
    threads: { type: 'boolean', default: false },
  },
})
const own = values.own
const wanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name)
const withoutServers = ['language', 'sandbox', 'sandbox-tax']
if (positionals.some((name) => !withoutServers.includes(name)) || positionals.length === 0) installServers()

if (wanted('scrape')) {
  const series = 100_000
  const scrapes = values.long ? 40 : 20
  for (const intervalSeconds of values.long ? [5, 2] : [2]) {
    const rows = await measureScrape({ series, intervalSeconds, scrapes, own })
    const title = `scrape → remote write v1: one target of ${series} series every ${intervalSeconds} s (M1)`
    print(title, rows, 'CPU s / M samples', (row) => (row.cpuSeconds / row.records) * 1e6, 'lower')
  }
}
if (wanted('logs')) {
  const mebibytes = values.long ? 2048 : 1024
  print('file → Loki push (L1)', await measureLogs({ mebibytes, own }), 'MB / CPU s', megabytesPerCpuSecond, 'higher')
}
if (wanted('parsed-logs')) {
  const rows = await measureParsedLogs({ mebibytes: values.long ? 1024 : 512, own })
  print(
    'file of CRI lines → CRI by regex, json, labels → Loki push (L2)',
    rows,
    'MB / CPU s',
    megabytesPerCpuSecond,
    'higher',
  )
}
if (wanted('traces')) {
  const requests = values.long ? 80_000 : 24_000
  const rows = await measureTraces({ requests, warmUpRequests: 4000, connections: 200 })
  print('OTLP/HTTP traces → batch → OTLP/HTTP (O1)', rows, 'MB / CPU s', megabytesPerCpuSecond, 'higher')
}
if (wanted('language')) {
  const figures = await measureLanguage(10_000, 50)
  printFigures('configuration language (C1)', figures)
}
if (wanted('sandbox')) printFigures('sandboxes', await measureSandbox())
if (wanted('sandbox-tax')) {
  const figures = await measureSandboxTax({ mebibytes: values.long ? 512 : 256, repetitions: values.long ? 7 : 3 })
  printFigures('sandbox tax: file → redact → Loki push, JSON lines', figures)
}

function printFigures(title: string, figures: Awaited<ReturnType<typeof measureSandbox>>): void {
  process.stdout.write(`\n${title}\n`)
  for (const { what, wanted: bound, measured } of figures)
    process.stdout.write(`${what.padEnd(56)}  ${bound.padStart(12)}  ${measured}\n`)
}

function megabytesPerCpuSecond(row: Measurement): number {
  return row.inputBytes / 1e6 / row.cpuSeconds
}

function print(
  title: string,
  rows: readonly Measurement[],
  unit: string,
  figure: (row: Measurement) => number,
  better: 'lower' | 'higher',
): void {
  process.stdout.write(`\n${title} (${unit}: ${better} is better)\n`)
  const first = figure(rows[0]!)
  const head = ['', unit, 'CPU s', 'wall s', 'peak RSS MiB', 'records', 'wire bytes', 'Ingot/peer', '']
  const table = rows.map((row) => [
    row.name,
    figure(row).toFixed(2),
    row.cpuSeconds.toFixed(2),
    row.wallSeconds.toFixed(1),
    row.peakRssMiB.toFixed(0),
    String(row.records),
    String(row.wireBytes),
    row.name.startsWith('ingot') ? '' : (first / figure(row)).toFixed(2),
    row.note ?? '',
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...table].map((cells) => cells[column]!.length)))
  for (const cells of [head, ...table])
    process.stdout.write(
      `${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}\n`,
    )
  if (!values.threads) return
  for (const { name, threads } of rows) {
    const busy = [...threads].filter(([, seconds]) => seconds >= 0.01).sort((a, b) => b[1] - a[1])
    process.stdout.write(
      `${name}: ${busy.map(([thread, seconds]) => `${thread} ${seconds.toFixed(2)} s`).join(', ')}\n`,
    )
  }
}
