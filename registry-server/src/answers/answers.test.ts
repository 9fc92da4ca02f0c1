import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { testModule } from '../testing/test-module.ts'
import { startRegistry } from '../testing/test-registry.ts'

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** As it comes over the wire: `fetch` would unpack it. */
async function ask(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const message = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(url, { headers, method, agent: false }, resolve).once('error', reject).end()
  })
  return { status: message.statusCode!, headers: message.headers, body: await buffer(message) }
}

describe('an index', () => {
  test('comes compressed as the client likes it, with a tag for each form', async () => {
    const registry = await startRegistry()
    for (const version of ['1.0.0', '1.1.0', '1.2.0']) await registry.publish(testModule({ version }))
    const url = `${registry.url}/index/@acme/redact.ndjson`
    const plain = await ask(url)
    expect(plain.headers['etag']).toBe(`"${createHash('sha256').update(plain.body).digest('hex')}"`)
    expect(plain.headers['vary']).toBe('Accept-Encoding')
    const decoders = { gzip: gunzipSync, br: brotliDecompressSync, zstd: zstdDecompressSync }
    const tags = new Set([plain.headers['etag']])
    for (const [encoding, decode] of Object.entries(decoders)) {
      const accepted = { 'accept-encoding': encoding }
      const [first, again] = await Promise.all([ask(url, accepted), ask(url, accepted)])
      expect(first.headers['content-encoding']).toBe(encoding)
      expect(first.body.length).toBeLessThan(plain.body.length / 2)
      expect(decode(first.body).equals(plain.body)).toBe(true)
      expect(again.body.equals(first.body)).toBe(true)
      tags.add(first.headers['etag'])
      const unchanged = await ask(url, { ...accepted, 'if-none-match': first.headers['etag']! })
      expect([unchanged.status, unchanged.body.length]).toEqual([304, 0])
    }
    expect(tags.size).toBe(4)
    const other = await ask(url, { 'accept-encoding': 'br', 'if-none-match': plain.headers['etag']! })
    expect(other.status).toBe(200)
  })

  test('answers HEAD as GET, without the bytes', async () => {
    const registry = await startRegistry()
    await registry.publish(testModule())
    const url = `${registry.url}/index/@acme/redact.ndjson`
    const [get, head] = [await ask(url), await ask(url, {}, 'HEAD')]
    expect(head.body.length).toBe(0)
    for (const name of ['etag', 'content-length', 'content-type', 'cache-control']) {
      expect([name, head.headers[name]]).toEqual([name, get.headers[name]])
    }
  })
})

describe('a blob', () => {
  test('comes whole, in parts, as HEAD, and not at all to who has it', async () => {
    const registry = await startRegistry()
    const { archive } = testModule()
    await registry.publish(testModule())
    const hex = createHash('sha512').update(archive).digest('hex')
    const url = `${registry.url}/blobs/sha512/${hex}`
    const head = await ask(url, {}, 'HEAD')
    expect([head.status, head.body.length, head.headers['content-length'], head.headers['accept-ranges']]).toEqual([
      200,
      0,
      `${archive.length}`,
      'bytes',
    ])
    const part = await ask(url, { range: 'bytes=5-9' })
    expect([part.status, part.headers['content-range']]).toEqual([206, `bytes 5-9/${archive.length}`])
    expect(part.body.equals(archive.subarray(5, 10))).toBe(true)
    const rest = await ask(url, { range: 'bytes=10-', 'if-range': `"${hex}"` })
    expect(rest.body.equals(archive.subarray(10))).toBe(true)
    const changed = await ask(url, { range: 'bytes=10-', 'if-range': '"another"' })
    expect([changed.status, changed.body.length]).toEqual([200, archive.length])
    const beyond = await ask(url, { range: `bytes=${archive.length}-` })
    expect([beyond.status, beyond.headers['content-range']]).toEqual([416, `bytes */${archive.length}`])
    expect((await ask(url, { 'if-none-match': `"${hex}"` })).status).toBe(304)
    expect((await ask(`${registry.url}/blobs/sha512/${'0'.repeat(128)}`, {}, 'HEAD')).status).toBe(404)
  })
})
