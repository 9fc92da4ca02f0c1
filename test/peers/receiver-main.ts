/**
 * The receiving end as a program: `receiver-main.ts [--listen host:port] [--grpc-port N]`. Shows at `/` what arrived;
 * prints one line for each format's first arrival.
 */
import { parseArgs } from 'node:util'
import { Receiver, type Received } from './receiver.ts'
import { countRecords } from './count-records.ts'
import type { WireFormat } from './wire-formats.ts'

/** How many of the last records are shown per format. */
const shownMax = 12

const { values } = parseArgs({
  options: { listen: { type: 'string', default: '127.0.0.1:9411' }, 'grpc-port': { type: 'string', default: '0' } },
})
const [host, port] = values.listen.split(':') as [string, string]

interface Tally {
  requests: number
  records: number
  wireBytes: number
  last: string[]
}
const tallies = new Map<WireFormat, Tally>()

const receiver = new Receiver({
  host,
  port: Number(port),
  grpcPort: Number(values['grpc-port']),
  keep: false,
  onReceived: tally,
  page: renderPage,
})
const addresses = await receiver.start()
process.stdout.write(`receiving at http://${addresses.http} and grpc://${addresses.grpc}\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void receiver.stop())

function tally({ format, message, records, wireBytes }: Received): void {
  if (!tallies.has(format)) process.stdout.write(`first ${format}: ${records} records\n`)
  const sum = tallies.get(format) ?? { requests: 0, records: 0, wireBytes: 0, last: [] }
  tallies.set(format, sum)
  sum.requests++
  sum.records += records
  sum.wireBytes += wireBytes
  sum.last = [...sum.last, ...describe(format, message as Tree)].slice(-shownMax)
}

type Tree = Readonly<Record<string, unknown>>
const list = (tree: Tree | undefined, name: string): readonly Tree[] =>
  (tree?.[name] as readonly Tree[] | undefined) ?? []

/** The last records of a message, a line each. */
function describe(format: WireFormat, message: Tree): string[] {
  switch (format) {
    case 'remoteWrite':
      return list(message, 'timeseries')
        .slice(-shownMax)
        .map((series) => {
          const labels = list(series, 'labels').map(({ name, value }) => `${String(name)}="${String(value)}"`)
          return `${labels.join(' ')}  ${String(list(series, 'samples').at(-1)?.['value'] ?? 0)}`
        })
    case 'lokiPush':
      return list(message, 'streams').flatMap((stream) =>
        list(stream, 'entries')
          .slice(-shownMax)
          .map(({ line }) => `${String(stream['labels'])}  ${String(line)}`),
      )
    case 'traces':
      return list(message, 'resource_spans').flatMap((resource) =>
        list(resource, 'scope_spans').flatMap((scope) =>
          list(scope, 'spans')
            .slice(-shownMax)
            .map((span) => `${String(span['trace_id'])}  ${String(span['name'])}`),
        ),
      )
    default:
      return [`${countRecords(format, message)} records`]
  }
}

const titles: Readonly<Record<WireFormat, string>> = {
  lokiPush: 'Logs (Loki push)',
  remoteWrite: 'Metrics (Prometheus remote write)',
  traces: 'Traces (OTLP)',
  logs: 'Logs (OTLP)',
  metrics: 'Metrics (OTLP)',
}

const style = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
  body { max-width: 75rem; margin: 2rem auto; padding: 0 1rem }
  h2 { margin: 2rem 0 0; font-size: 1.1rem }
  p { margin: 0.2rem 0 0.6rem; opacity: 0.75 }
  pre { margin: 0; padding: 0.8rem 1rem; border: 1px solid #8886; border-radius: 8px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.85rem }
`
const icon =
  "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><path d='M5 5h6l5 8H0z' fill='%23b45309'/></svg>"

/** Reloads itself: what is shown is never older than two seconds. */
function renderPage(): string {
  const sections = [...tallies].map(
    ([format, { requests, records, wireBytes, last }]) =>
      `<h2>${titles[format]}</h2><p>${records.toLocaleString('en-US')} records in ${requests.toLocaleString('en-US')} requests, ${wireBytes.toLocaleString('en-US')} bytes on the wire; the last ones:</p><pre>${last.map(escapeHtml).join('\n')}</pre>`,
  )
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta http-equiv="refresh" content="2"><title>What arrived</title><link rel="icon" href="${icon}"><style>${style}</style>
<h1>What arrived</h1>${sections.join('') || '<p>Nothing yet.</p>'}</html>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`)
}
