/**
 * A cheap receiving end for benchmarks, in a process of its own: counts records by walking the wire bytes, and answers
 * `GET /count`. It verifies completeness; test/peers/ verifies content.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'
import snappy from 'snappy'

let records = 0
let wireBytes = 0

/** Calls back for every length-delimited field of a message; other fields are skipped. */
function fields(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (field: number, from: number, to: number) => void,
): void {
  let at = start
  const varint = (): number => {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = bytes[at++]!
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
  }
  while (at < end) {
    const tag = varint()
    const wire = tag & 7
    if (wire === 2) {
      const length = varint()
      visit(tag >>> 3, at, at + length)
      at += length
    } else if (wire === 0) varint()
    else at += wire === 1 ? 8 : 4
  }
}

function countPath(bytes: Uint8Array, path: readonly number[]): number {
  let count = 0
  const walk = (from: number, to: number, depth: number): void =>
    fields(bytes, from, to, (field, start, end) => {
      if (field !== path[depth]) return
      if (depth === path.length - 1) count++
      else walk(start, end, depth + 1)
    })
  walk(0, bytes.length, 0)
  return count
}

/** Field numbers from the request to one record: a sample, an entry, a span. */
const recordPaths: Readonly<Record<string, readonly number[]>> = {
  '/api/v1/write': [1, 2],
  '/loki/api/v1/push': [1, 2],
  '/v1/traces': [1, 2, 2],
}

const server = createServer((request, response) => {
  if (request.url === '/count') {
    response.end(JSON.stringify({ records, wireBytes }))
    return
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks)
    wireBytes += body.length
    const path = recordPaths[request.url ?? '']
    if (path) {
      const encoding = request.headers['content-encoding']
      const raw =
        request.url === '/v1/traces'
          ? encoding === 'gzip'
            ? gunzipSync(body)
            : body
          : (snappy.uncompressSync(body) as Buffer)
      records += countPath(raw, path)
    } else for (const byte of body) if (byte === 10) records++
    response.writeHead(path?.length === 3 ? 200 : 204, { 'content-type': 'application/x-protobuf' }).end()
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.stdout.write(`127.0.0.1:${(server.address() as AddressInfo).port}\n`))
