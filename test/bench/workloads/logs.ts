import { createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servers } from '../../servers/debian.ts'
import { Collector } from '../../servers/ingot.ts'
import { ServerProcess, until } from '../../servers/process.ts'
import { Meter, sinkCount, startPart, type Measurement } from '../measure.ts'

/** File → Loki push (workload L1): mixed nginx, JSON and logfmt lines of about 201 bytes. */
export interface LogsWorkload {
  readonly mebibytes: number
}

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

async function writeLogFile(
  path: string,
  mebibytes: number,
): Promise<{ readonly bytes: number; readonly lines: number }> {
  const pool = Array.from({ length: poolLines }, (_, i) => poolLine(i))
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

export async function measureLogs({ mebibytes }: LogsWorkload): Promise<readonly Measurement[]> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-logs-'))
  const path = join(dir, 'app.log')
  const { bytes, lines } = await writeLogFile(path, mebibytes)
  const measurements: Measurement[] = []
  const run = async (name: string, note: string, start: (sink: string) => Promise<ServerProcess>): Promise<void> => {
    const sink = await startPart('sink.ts')
    const program = await start(sink.address)
    const meter = await Meter.start(program.pid, sink.address)
    await until(
      async () => (await sinkCount(sink.address)).records >= lines,
      `${lines} lines through ${name}:\n${program.output}`,
      600_000,
    )
    measurements.push({ ...(await meter.stop(name, bytes)), note })
    await program.stop()
    await sink.process.stop()
  }
  await run('ingot', 'Loki push, protobuf + snappy', async (sink) => {
    // The file appears after the start, so that starting costs nothing.
    const collector = await Collector.start({
      config: `
        loki.source.file "bench" {
          targets = [{ __path__ = "${path}", job = "bench" }]
          forward_to = [loki.write.out.receiver]
        }
        loki.write "out" { endpoint { url = "http://${sink}/loki/api/v1/push" } }`,
    })
    return collector.process
  })
  await run('syslog-ng', 'plain HTTP batches: it has no Loki push', async (sink) => {
    writeFileSync(
      join(dir, 'syslog-ng.conf'),
      `@version: 3.38
source s { file("${path}" flags(no-parse) follow-freq(1) log-fetch-limit(10000) log-iw-size(100000)); };
destination d { http(url("http://${sink}/lines") method("POST") body("$MESSAGE") batch-lines(5000) batch-bytes(1048576) delimiter("\\n") body-suffix("\\n") workers(1) flush-timeout(1000)); };
log { source(s); destination(d); flags(flow-control); };
`,
    )
    return new ServerProcess(servers['syslog-ng'].path, [
      '-F',
      '-f',
      join(dir, 'syslog-ng.conf'),
      '-R',
      join(dir, 'persist'),
      '-p',
      join(dir, 'pid'),
      '-c',
      join(dir, 'ctl'),
    ])
  })
  if (statSync(path).size !== bytes) throw new Error('The log file has changed while it was measured')
  rmSync(dir, { recursive: true })
  return measurements
}
