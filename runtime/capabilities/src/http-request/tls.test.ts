import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isCapabilityError, Secret, type TlsOptions } from '@ingot/sdk'
import { expect, test } from 'vitest'
import { openEnv } from '../test-env.ts'

const pem = (name: string) => readFileSync(join(import.meta.dirname, 'testdata', `${name}.pem`), 'utf8')
const ca = pem('ca')
const server = { cert: pem('server'), key: new Secret(pem('server-key')), ca }
const client = { cert: pem('client'), key: new Secret(pem('client-key')), ca }
const unreachable = (error: unknown) => isCapabilityError(error, 'unreachable')

test('HTTP over TLS checks the server, and the client where it is asked to', async () => {
  const { env } = await openEnv(['http.request', 'http.serve'])
  const limits = { address: '127.0.0.1:0', bodyBytesMax: 100, requestsMax: 10 }
  const open = await env.server.listenHttp({ ...limits, tls: server }, async () => ({ status: 204 }))
  const closed = await env.server.listenHttp({ ...limits, tls: { ...server, clientAuth: true } }, async () => ({
    status: 204,
  }))
  const ask = async (address: string, tls?: TlsOptions) =>
    (
      await env.http.request({
        method: 'GET',
        url: `https://${address}/`,
        timeoutMs: 5000,
        bodyBytesMax: 100,
        ...(tls ? { tls } : {}),
      })
    ).status
  await expect(ask(open.address)).rejects.toSatisfy(unreachable)
  expect(await ask(open.address, { ca })).toBe(204)
  expect(await ask(open.address, { ca, serverName: 'server.example' })).toBe(204)
  await expect(ask(open.address, { ca, serverName: 'other.example' })).rejects.toSatisfy(unreachable)
  expect(await ask(open.address, { insecureSkipVerify: true })).toBe(204)
  await expect(ask(closed.address, { ca })).rejects.toSatisfy(unreachable)
  expect(await ask(closed.address, { ...client, minVersion: 'TLS13' })).toBe(204)
})

test('gRPC over TLS checks the server, and the client where it is asked to', async () => {
  const { env } = await openEnv(['http.request', 'http.serve'])
  const limits = { address: '127.0.0.1:0', bodyBytesMax: 100, requestsMax: 10 }
  const listener = await env.server.listenGrpc(
    { ...limits, tls: { ...server, clientAuth: true } },
    { '/a/b': async (message) => ({ code: 0, message }) },
  )
  const call = async (tls: TlsOptions) => {
    const message = new Uint8Array([1, 2])
    return (
      await env.http.grpc({
        origin: `https://${listener.address}`,
        path: '/a/b',
        message,
        timeoutMs: 5000,
        messageBytesMax: 100,
        tls,
      })
    ).message
  }
  expect([...(await call(client))]).toEqual([1, 2])
  await expect(call({ ca })).rejects.toSatisfy(unreachable)
  await expect(call({ ...client, ca: pem('client') })).rejects.toSatisfy(unreachable)
})

test('a request through a proxy reaches plain and TLS origins', async () => {
  const { createServer } = await import('node:http')
  const { connect } = await import('node:net')
  const { env } = await openEnv(['http.request', 'http.serve'])
  const limits = { address: '127.0.0.1:0', bodyBytesMax: 100, requestsMax: 10 }
  const plain = await env.server.listenHttp(limits, async () => ({ status: 201 }))
  const secure = await env.server.listenHttp({ ...limits, tls: server }, async () => ({ status: 202 }))
  const seen: string[] = []
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.headers['proxy-authorization'] ?? ''}`)
    void fetchStatus(request.url!).then((status) => response.writeHead(status).end())
  })
  const fetchStatus = async (url: string) =>
    (await env.http.request({ method: 'GET', url, timeoutMs: 5000, bodyBytesMax: 100 })).status
  proxy.on('connect', (request, socket) => {
    seen.push(`${request.method} ${request.headers['proxy-authorization'] ?? ''}`)
    const [host, port] = request.url!.split(':')
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      upstream.pipe(socket).pipe(upstream)
    })
    upstream.on('error', () => socket.destroy())
    socket.on('error', () => upstream.destroy())
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', () => resolve()))
  const proxyUrl = `http://user:pass@127.0.0.1:${(proxy.address() as { port: number }).port}`
  const ask = async (url: string) =>
    (await env.http.request({ method: 'GET', url, timeoutMs: 5000, bodyBytesMax: 100, proxyUrl, tls: { ca } })).status
  expect(await ask(`http://${plain.address}/`)).toBe(201)
  expect(await ask(`https://${secure.address}/`)).toBe(202)
  expect(seen).toEqual([`GET Basic ${btoa('user:pass')}`, `CONNECT Basic ${btoa('user:pass')}`])
  proxy.closeAllConnections()
  proxy.close()
})
