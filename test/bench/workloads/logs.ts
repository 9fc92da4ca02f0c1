import { createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servers } from '../../servers/debian.ts'
import { Collector } from '../../servers/ingot.ts'
import { ServerProcess } from '../../servers/process.ts'
import { Meter, startPart, untilArrived, type Measurement } from '../measure.ts'

/** File → Loki push (workloads L1 and L2): mixed nginx, JSON and logfmt lines of about 201 bytes, and CRI lines around JSON. */
export interface LogsWorkload {
  /** Only Ingot, without its peers. */
  readonly own: boolean
  readonly mebibytes: number
}

/** The part of the file that is not measured: starting, and what is compiled and cached in the beginning. */
const warmUpPart = 1 / 8
/** Lines are drawn from a pool of this many different ones. */
const poolLines = 65_536

function poolLine(i: number): string {
  const id = (i * 2_654_435_761) >>> 0
  const path = `/api/v2/orders/${id}/items?page=${i % 40}`
  switch (i % 3) {
    case 0:
      return `10.${i % 250}.${(i >> 4) % 250}.7 - - [22/Nov/2026:10:${String(i % 60).padStart(2, '0')}:11 +0000] "GET ${path} HTTP/1.1" 200 ${id % 90_000} "https://shop.example/cart" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36" rt=${(i % 900) / 1000}`
    case 1:
      return `{"ts":"2026-11-22T10:00:${String(i % 60).padStart(2, '0')}.${i % 1000}Z","level":"${i % 9 ? 'info' : 'error'}","msg":"request served","path":"${path}","status":200,"duration_ms":${i % 733},"trace":"${id.toString(16)}${(id * 31).toString(16)}"}`
    default:
      return `ts=2026-11-22T10:00:${String(i % 60).padStart(2, '0')}Z level=${i % 11 ? 'info' : 'warn'} caller=server.go:${i % 400} msg="request served" path=${path} status=200 duration=${i % 733}ms bytes=${id % 90_000} user=u${id % 5000} region=eu-central-1`
  }
}

/** Lines drawn from a pool of different ones, until the file is that large. */
export async function writeLogFile(
  path: string,
  mebibytes: number,
  line: (i: number) => string,
): Promise<{ readonly bytes: number; readonly lines: number }> {
  const pool = Array.from({ length: poolLines }, (_, i) => line(i))
  const stream = createWriteStream(path)
  const wanted = mebibytes * 2 ** 20
  let lines = 0
  let bytes = 0
  for (let block = 0; bytes < wanted; block++) {
    const text = Array.from({ length: 4096 }, (_, i) => pool[(block * 4096 + i * 7) % poolLines]!).join('\n') + '\n'
    const chunk = Buffer.from(text)
    bytes += chunk.length
    lines += 4096
    if (!stream.write(chunk)) await once(stream, 'drain')
  }
  stream.end()
  await once(stream, 'finish')
  return { bytes, lines }
}

/** CRI lines of a container runtime around the same lines. */
function criLine(i: number): string {
  return `2026-11-22T10:00:${String(i % 60).padStart(2, '0')}.${String(i % 1_000_000).padStart(9, '0')}Z std${i % 3 ? 'out' : 'err'} F ${poolLine(3 * i + 1)}`
}

interface Program {
  readonly name: string
  readonly note: string
  start(path: string, sink: string): Promise<ServerProcess>
}

/** What the collector does with lines between file and Loki. */
function ingot(name: string, note: string, stages: string): Program {
  return {
    name,
    note,
    async start(path, sink) {
      const next = stages === '' ? 'loki.write.out.receiver' : 'loki.process.bench.receiver'
      const collector = await Collector.start({
        config: `
        loki.source.file "bench" {
          targets = [{ __path__ = "${path}", job = "bench" }]
          forward_to = [${next}]
        }
        ${stages === '' ? '' : `loki.process "bench" {\n${stages}\nforward_to = [loki.write.out.receiver]\n}`}
        loki.write "out" { endpoint { url = "http://${sink}/loki/api/v1/push" } }`,
      })
      return collector.process
    },
  }
}

const syslogNg: Program = {
  name: 'syslog-ng',
  note: 'plain HTTP batches: it has no Loki push',
  async start(path, sink) {
    const dir = mkdtempSync(join(tmpdir(), 'bench-syslog-ng-'))
    writeFileSync(
      join(dir, 'syslog-ng.conf'),
      `@version: 3.38
source s { file("${path}" flags(no-parse) follow-freq(1) log-fetch-limit(10000) log-iw-size(100000)); };
destination d { http(url("http://${sink}/lines") method("POST") body("$MESSAGE") batch-lines(5000) batch-bytes(1048576) delimiter("\\n") body-suffix("\\n") workers(1) flush-timeout(1000)); };
log { source(s); destination(d); flags(flow-control); };
`,
    )
    const files = { '-f': 'syslog-ng.conf', '-R': 'persist', '-p': 'pid', '-c': 'ctl' }
    const flags = Object.entries(files).flatMap(([flag, file]) => [flag, join(dir, file)])
    return new ServerProcess(servers['syslog-ng'].path, ['-F', ...flags])
  },
}

/** L1: lines as they are. */
export async function measureLogs({ mebibytes, own }: LogsWorkload): Promise<readonly Measurement[]> {
  const programs = [ingot('ingot', 'Loki push, protobuf + snappy', ''), ...(own ? [] : [syslogNg])]
  return measureFile(mebibytes, poolLine, programs)
}

/** L2: CRI time and stream, and the level of the JSON inside as a label. */
export async function measureParsedLogs({ mebibytes }: LogsWorkload): Promise<readonly Measurement[]> {
  const stages = `
          stage.regex { expression = "^(?P<time>[^ ]+) (?P<stream>stdout|stderr) (?P<flags>[^ ]+) (?P<content>.*)$" }
          stage.timestamp {
            source = "time"
            format = "RFC3339Nano"
          }
          stage.output { source = "content" }
          stage.json { expressions = { level = "" } }
          stage.labels { values = { level = "", stream = "" } }`
  return measureFile(mebibytes, criLine, [ingot('ingot', 'stages regex, timestamp, output, json, labels', stages)])
}

async function measureFile(
  mebibytes: number,
  line: (i: number) => string,
  programs: readonly Program[],
): Promise<readonly Measurement[]> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-logs-'))
  const path = join(dir, 'app.log')
  const { bytes, lines } = await writeLogFile(path, mebibytes, line)
  const measurements: Measurement[] = []
  for (const { name, note, start } of programs) {
    const sink = await startPart('sink.ts')
    const program = { name, process: await start(path, sink.address) }
    await untilArrived(sink.address, Math.ceil(lines * warmUpPart), program)
    const meter = await Meter.start(program.process.pid, sink.address)
    await untilArrived(sink.address, lines, program, true)
    measurements.push({ ...(await meter.stop(name, bytes / lines)), note })
    await program.process.stop()
    await sink.process.stop()
  }
  if (statSync(path).size !== bytes) throw new Error('The log file has changed while it was measured')
  rmSync(dir, { recursive: true })
  return measurements
}
