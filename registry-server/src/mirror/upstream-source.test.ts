import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { HttpSource, UpstreamDown } from './upstream-source.ts'

async function upstream(answer: RequestListener): Promise<{ url: string; requests: () => number }> {
  let count = 0
  const server = createServer((request, response) => {
    count++
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests: () => count }
}

test('HttpSource gives up on an answer that trickles, and asks no more for a while after two of them', async () => {
  const { url, requests } = await upstream((_request, response) => {
    const trickle = setInterval(() => response.write('x'), 10)
    response.on('close', () => clearInterval(trickle))
  })
  const source = new HttpSource(url, { timeoutMs: 100 })
  for (let attempt = 0; attempt < 4; attempt++) await expect(source.get('a', 1e6)).rejects.toThrow(UpstreamDown)
  expect(requests()).toBe(2)
})

test('HttpSource takes no more bytes than are wanted, and follows nobody elsewhere', async () => {
  const large = await upstream((_request, response) => response.end(Buffer.alloc(100)))
  await expect(new HttpSource(large.url).get('a', 99)).rejects.toThrow('found more than 99 bytes')
  expect(await new HttpSource(large.url).get('a', 100)).toHaveLength(100)
  const away = await upstream((_request, response) => response.writeHead(302, { location: large.url }).end())
  await expect(new HttpSource(away.url).get('a', 100)).rejects.toThrow(UpstreamDown)
})

test('HttpSource remembers what an upstream does not have', async () => {
  const { url, requests } = await upstream((_request, response) => response.writeHead(404).end())
  const source = new HttpSource(url)
  for (let attempt = 0; attempt < 3; attempt++) expect(await source.get('index/@acme/none.ndjson', 10)).toBeUndefined()
  expect(requests()).toBe(1)
})
