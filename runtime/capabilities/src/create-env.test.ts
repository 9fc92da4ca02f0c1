import { expect, test } from 'vitest'
import { openEnv } from './test-env.ts'

test('createEnv() gives declared capabilities and no others', async () => {
  const { env } = await openEnv(['clock', 'fs.read'])
  expect(Object.keys(env).sort()).toEqual(['clock', 'codec', 'fs', 'log', 'metrics', 'text'])
})

test('createEnv() refuses a capability that does not exist', async () => {
  await expect(openEnv({ 'net.raw': [] } as never)).rejects.toThrow('unknown')
})

test('createEnv() serves and requests HTTP through real sockets', async () => {
  const { env, counters } = await openEnv(['http.request', 'http.serve'])
  const listener = await env.server.listenHttp(
    { address: '127.0.0.1:0', bodyBytesMax: 1024, requestsMax: 4 },
    async (request) => ({
      status: 200,
      headers: { 'x-path': request.url },
      body: request.body,
    }),
  )
  const response = await env.http.request({
    method: 'POST',
    url: `http://${listener.address}/echo?a=1`,
    body: [env.text.encode('he'), env.text.encode('llo')],
    timeoutMs: 5000,
    bodyBytesMax: 1024,
  })
  expect(response.status).toBe(200)
  expect(response.headers['x-path']).toBe('/echo?a=1')
  expect(env.text.decode(response.body)).toBe('hello')
  expect(counters['http.request']?.used).toBe(1)
})

test('createEnv() keeps state in the component directory', async () => {
  const first = await openEnv(['state'], { id: 'custom.a/source.b' })
  await first.env.state.set('k', 'v')
  await first.close()
  const second = await openEnv(['state'], { id: 'custom.a/source.b', dataDir: first.directory })
  expect(second.env.state.get('k')).toBe('v')
})

test('a request to the internal address is answered without a socket', async () => {
  const { env } = await openEnv(['http.request'], {
    services: { requestInternal: async (request) => ({ status: 200, body: `metrics of ${request.url}` }) },
  })
  const pieces: string[] = []
  const response = await env.http.request({
    method: 'GET',
    url: 'http://alloy.internal:12345/api/v0/component/source.b/metrics',
    timeoutMs: 1000,
    bodyBytesMax: 1024,
    onData: (piece) => pieces.push(env.text.decode(piece)),
  })
  expect(response.status).toBe(200)
  expect(pieces).toEqual(['metrics of /api/v0/component/source.b/metrics'])
})
