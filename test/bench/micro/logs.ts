/**
 * What log lines cost in CPU time, on one thread: reading a file, splitting it into batches, the Loki push encoding and
 * snappy, each step added to the ones before; and stages of `loki.process` over the same lines.
 * `node test/bench/micro/logs.ts [MiB]`
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import snappy from 'snappy'
import {
  formatLabels,
  Labels,
  LogsBatchBuilder,
  LokiPushEncoder,
  snappyCompress,
  type LogsBatch,
} from '@ingot/telemetry'
import { Pipeline } from '../../../modules/loki/process/pipeline.ts'
import { compileStages, type StageBlock } from '../../../modules/loki/process/stages/index.ts'
import { appendLines, lineEncoding } from '../../../modules/loki/source.file/line-encoding.ts'
import { chunkBytes } from '../../../modules/loki/source.file/read-buffers.ts'

const fileBytes = Number(process.argv[2] ?? 256) * 2 ** 20
/** Lines of stages alone are measured on this many bytes. */
const stageBytes = 32 * 2 ** 20

const nginx = (i: number) =>
  `10.${i % 256}.${(i * 7) % 256}.${(i * 13) % 256} - - [22/Nov/2026:18:2${i % 10}:${String(i % 60).padStart(2, '0')} +0000] "GET /api/v1/items/${(i * 7919) % 100_000}?page=${i % 17} HTTP/1.1" ${i % 13 ? 200 : 404} ${(i * 31) % 50_000} "https://example.org/list/${i % 91}" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"`
const json = (i: number) =>
  `{"time":"2026-11-22T18:2${i % 10}:07.${String((i * 104_729) % 1_000_000).padStart(6, '0')}Z","level":"${['info', 'warn', 'error'][i % 3]}","msg":"request finished","method":"GET","path":"/v1/things/${(i * 6007) % 100_000}","status":${i % 17 ? 200 : 500},"duration_ms":${(i * 37) % 900}.${i % 10},"user":"user-${(i * 31) % 5000}"}`
const logfmt = (i: number) =>
  `ts=2026-11-22T18:2${i % 10}:07.${String((i * 7) % 1000).padStart(3, '0')}Z level=${['info', 'warn'][i % 2]} caller=engine.go:${i % 900} component=querier msg="query done" query_id=${(i * 2_654_435_761) % 4_294_967_296} took=${i % 97}.${i % 10}ms rows=${(i * 17) % 10_000} tenant=team-${i % 40} cache=${i % 4 ? 'hit' : 'miss'}`

const kinds: Readonly<Record<string, (i: number) => string>> = {
  mixed: (i) => [nginx, json, logfmt][i % 3]!(i),
  nginx,
  json,
  logfmt,
}

function poolOf(line: (i: number) => string): Buffer {
  return Buffer.from(Array.from({ length: 65_536 }, (_, i) => `${line(i)}\n`).join(''))
}

function cpuNs(run: () => void): number {
  const start = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(start)
  return (user + system) * 1000
}

function print(name: string, ns: number, lines: number, bytes: number): void {
  console.log(
    `${name.padEnd(44)} ${(ns / lines).toFixed(0).padStart(7)} ns/line ${((bytes / ns) * 1000).toFixed(0).padStart(7)} MB/CPU-s`,
  )
}

/** The lines of a file as batches over the read buffers themselves, as loki.source.file makes them. */
function* batchesOf(fd: number): Generator<LogsBatch> {
  const encoding = lineEncoding('', new Uint8Array(0))
  const builder = new LogsBatchBuilder(4096)
  const labels = Labels.from([
    ['app', 'web'],
    ['filename', '/var/log/app.log'],
  ])
  for (let position = 0; ;) {
    const buffer = new Uint8Array(chunkBytes)
    const read = readSync(fd, buffer, 0, buffer.length, position)
    const end = buffer.lastIndexOf(10, read - 1) + 1
    if (read === 0 || end === 0) return
    builder.adopt(buffer)
    const stream = builder.stream(labels)
    appendLines(encoding, builder, buffer, end, stream, { seconds: 1_795_373_202, nanos: position % 1e9 })
    position += end
    yield builder.build()
  }
}

function measurePath(): void {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'))
  const path = join(directory, 'app.log')
  const pool = poolOf(kinds['mixed']!)
  const fd = openSync(path, 'w+')
  let bytes = 0
  for (; bytes < fileBytes; bytes += pool.length) writeSync(fd, pool)
  const lines = (bytes / pool.length) * 65_536
  console.log(`${(bytes / 2 ** 20).toFixed(0)} MiB, ${lines} lines of ${(bytes / lines).toFixed(0)} bytes`)
  const encoder = new LokiPushEncoder(formatLabels)
  const encode = (batch: LogsBatch) => encoder.encode([{ batch, from: 0, to: batch.count }])
  const steps: readonly (readonly [string, (batch: LogsBatch) => unknown])[] = [
    ['read and split into batches', () => undefined],
    ['  and encode the push request', encode],
    ['  and compress (TypeScript)', (batch) => snappyCompress(encode(batch))],
    [
      '  and compress (npm snappy)',
      (batch) => snappy.compressSync(Buffer.from(encode(batch).buffer, 0, encode(batch).length)),
    ],
  ]
  for (const [name, step] of steps) {
    let warm = 0
    for (const batch of batchesOf(fd)) if (warm++ < 40) step(batch)
    print(
      name,
      cpuNs(() => {
        for (const batch of batchesOf(fd)) step(batch)
      }),
      lines,
      bytes,
    )
  }
  closeSync(fd)
  rmSync(directory, { recursive: true })
}

const pipelines: readonly (readonly [name: string, kind: string, stages: readonly StageBlock[]])[] = [
  ['no stage', 'mixed', []],
  ['static_labels', 'mixed', [{ name: 'static_labels', value: { values: { env: 'prod' } } }]],
  [
    'match |= "error" { static_labels }',
    'json',
    [
      {
        name: 'match',
        value: {
          selector: '{app="web"} |= "error"',
          action: 'keep',
          stage: [{ name: 'static_labels', value: { values: { bad: 'yes' } } }],
        },
      },
    ],
  ],
  [
    'json 1 field, labels',
    'json',
    [
      { name: 'json', value: { expressions: { level: '' }, source: '' } },
      { name: 'labels', value: { values: { level: '' }, source_type: 'extracted' } },
    ],
  ],
  [
    'json 3 fields, labels, timestamp, output',
    'json',
    [
      { name: 'json', value: { expressions: { level: '', time: '', msg: '' }, source: '' } },
      { name: 'labels', value: { values: { level: '' }, source_type: 'extracted' } },
      {
        name: 'timestamp',
        value: {
          source: 'time',
          format: 'RFC3339Nano',
          fallback_formats: [],
          location: '',
          action_on_failure: 'fudge',
          action_on_duplicate_timestamp: 'fudge',
        },
      },
      { name: 'output', value: { source: 'msg' } },
    ],
  ],
  [
    'logfmt 2 fields, labels',
    'logfmt',
    [
      { name: 'logfmt', value: { mapping: { level: '', component: '' }, source: '' } },
      { name: 'labels', value: { values: { level: '', component: '' }, source_type: 'extracted' } },
    ],
  ],
  [
    'regex 8 groups, labels',
    'nginx',
    [
      {
        name: 'regex',
        value: {
          source: '',
          expression:
            '^(?P<ip>\\S+) (?P<identd>\\S+) (?P<user>\\S+) \\[(?P<ts>[^\\]]+)\\] "(?P<method>[A-Z]+) (?P<path>[^ "]*) ?(?P<proto>[^"]*)" (?P<status>\\d+)',
        },
      },
      { name: 'labels', value: { values: { method: '', status: '' }, source_type: 'extracted' } },
    ],
  ],
]

function measureStages(): void {
  const world = {
    clock: { now: Date.now, monotonic: performance.now, sleep: async () => undefined },
    random: { float: Math.random },
  }
  const text = { decode: (bytes: Uint8Array) => decoder.decode(bytes), encode: (one: string) => encoder.encode(one) }
  const decoder = new TextDecoder()
  const encoder = new TextEncoder()
  for (const [name, kind, stages] of pipelines) {
    const pool = poolOf(kinds[kind]!)
    const directory = mkdtempSync(join(tmpdir(), 'bench-'))
    const fd = openSync(join(directory, 'pool'), 'w+')
    writeSync(fd, pool)
    const batches = [...batchesOf(fd)]
    const pipeline = new Pipeline(compileStages(stages, world), text)
    const lines = batches.reduce((sum, batch) => sum + batch.count, 0)
    const rounds = Math.ceil(stageBytes / pool.length)
    for (const batch of batches) pipeline.run(batch)
    const ns = cpuNs(() => {
      for (let round = 0; round < rounds; round++) for (const batch of batches) pipeline.run(batch)
    })
    print(`loki.process: ${name}`, ns, lines * rounds, pool.length * rounds)
    closeSync(fd)
    rmSync(directory, { recursive: true })
  }
}

measurePath()
measureStages()
