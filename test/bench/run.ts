/**
 * `npm run bench [-- scrape|logs|traces] [--long]`: Ingot beside its peers on the same work, one after the other, on this
 * machine. CPU is what counts; wall time is indicative. Nothing is asserted but completeness.
 */
import { parseArgs } from 'node:util'
import { installServers } from '../servers/debian.ts'
import type { Measurement } from './measure.ts'
import { measureLogs } from './workloads/logs.ts'
import { measureScrape } from './workloads/scrape.ts'
import { measureTraces } from './workloads/traces.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { long: { type: 'boolean', default: false } },
})
const wanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name)
installServers()

if (wanted('scrape')) {
  const series = 100_000
  const rows = await measureScrape({ series, intervalSeconds: 5, scrapes: values.long ? 12 : 5 })
  print(
    `scrape → remote write v1: one target of ${series} series every 5 s`,
    rows,
    'CPU s / M samples',
    (row) => (row.cpuSeconds / row.records) * 1e6,
    'lower',
  )
}
if (wanted('logs')) {
  const rows = await measureLogs({ mebibytes: values.long ? 1024 : 256 })
  print('file → Loki push', rows, 'MB / CPU s', (row) => row.inputBytes / 1e6 / row.cpuSeconds, 'higher')
}
if (wanted('traces')) {
  const rows = await measureTraces({ requests: values.long ? 40_000 : 10_000, connections: 8 })
  print(
    'OTLP/HTTP traces → batch → OTLP/HTTP',
    rows,
    'MB / CPU s',
    (row) => row.inputBytes / 1e6 / row.cpuSeconds,
    'higher',
  )
}

function print(
  title: string,
  rows: readonly Measurement[],
  unit: string,
  figure: (row: Measurement) => number,
  better: 'lower' | 'higher',
): void {
  process.stdout.write(`\n${title} (${unit}: ${better} is better)\n`)
  const own = figure(rows[0]!)
  const head = ['', unit, 'CPU s', 'wall s', 'peak RSS MiB', 'records', 'wire bytes', 'Ingot/peer', '']
  const table = rows.map((row) => [
    row.name,
    figure(row).toFixed(2),
    row.cpuSeconds.toFixed(2),
    row.wallSeconds.toFixed(1),
    row.peakRssMiB.toFixed(0),
    String(row.records),
    String(row.wireBytes),
    row === rows[0] ? '' : (own / figure(row)).toFixed(2),
    row.note ?? '',
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...table].map((cells) => cells[column]!.length)))
  for (const cells of [head, ...table])
    process.stdout.write(
      `${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}\n`,
    )
}
