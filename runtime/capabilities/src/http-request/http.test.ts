import { createServer, request as sendRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net'
import { isCapabilityError, Secret, type CapabilityErrorCode, type HttpRequest } from '@ingot/sdk'
import { expect, onTestFinished, test } from 'vitest'
import { openEnv } from '../test-env.ts'

const base = { method: 'GET', timeoutMs: 5000, bodyBytesMax: 1e6 } as const
const coded = (code: CapabilityErrorCode) => (error: unknown) => isCapabilityError(error, code)

async function nodeServer(handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('env.http.request() sends headers, credentials of the URL and secrets as they are', async () => {
  const origin = await nodeServer((request, response) => response.end(JSON.stringify(request.headers)))
  const { env } = await openEnv(['http.request'])
  const asked = async (url: string, headers: HttpRequest['headers']) =>
    JSON.parse(env.text.decode((await env.http.request({ ...base, url, headers: headers! })).body)) as Record<
      string,
      string
    >
  const received = await asked(`${origin}/`, { Authorization: new Secret('Bearer x'), 'X-List': ['a', 'b'] })
  expect(received).toMatchObject({ authorization: 'Bearer x', 'x-list': 'a, b' })
  expect(await asked(origin.replace('//', '//user:p%40ss@'), {})).toMatchObject({
    authorization: `Basic ${btoa('user:p@ss')}`,
  })
})

test('env.http.request() gives pieces of a 200 to onData and collects other bodies', async () => {
  const origin = await nodeServer((request, response) => {
    response.statusCode = request.url === '/ok' ? 200 : 503
    response.setHeader('set-cookie', ['a=1', 'b=2'])
    response.write('one ')
    setTimeout(() => response.end('two'), 20)
  })
  const { env } = await openEnv(['http.request'])
  const pieces: string[] = []
  const onData: HttpRequest['onData'] = (piece, head) => pieces.push(`${head.status} ${env.text.decode(piece)}`)
  const ok = await env.http.request({ ...base, url: `${origin}/ok`, onData })
  expect(pieces).toEqual(['200 one ', '200 two'])
  expect(ok.body).toHaveLength(0)
  expect(ok.headers['set-cookie']).toBe('a=1, b=2')
  const failed = await env.http.request({ ...base, url: `${origin}/no`, onData })
  expect(env.text.decode(failed.body)).toBe('one two')
  expect(pieces).toHaveLength(2)
})

test('env.http.request() keeps responses apart that come at once, whatever the pieces they come in', async () => {
  const letters = ['a', 'b', 'c', 'd']
  const server = createTcpServer((socket) => {
    socket.on('data', (request) => {
      const letter = /GET \/(.)/.exec(request.toString())![1]!
      const head = `HTTP/1.1 ${letter === 'd' ? 404 : 200} OK\r\nx-long: ${letter.repeat(20_000)}\r\ncontent-length: 3000000\r\n\r\n`
      socket.write(head.slice(0, 10_000))
      setTimeout(() => {
        socket.write(head.slice(10_000))
        socket.write(letter.repeat(3_000_000))
      }, 20)
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => void server.close())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { env, close } = await openEnv(['http.request'])
  const fetched = async (letter: string): Promise<string> => {
    const pieces: string[] = []
    const onData: HttpRequest['onData'] = (piece) => pieces.push(env.text.decode(piece))
    const { body, headers } = await env.http.request({ ...base, bodyBytesMax: 4e6, url: `${origin}/${letter}`, onData })
    expect(headers['x-long']).toBe(letter.repeat(20_000))
    return pieces.join('') + env.text.decode(body)
  }
  for (const round of [1, 2]) {
    const bodies = await Promise.all(letters.map(fetched))
    for (const [i, body] of bodies.entries())
      expect(body === letters[i]!.repeat(3_000_000), `round ${round}`).toBe(true)
  }
  await close()
})

test('env.http.request() is bounded in time and size, and stops at its signal', async () => {
  const origin = await nodeServer((request, response) => {
    if (request.url === '/hang') response.write('a')
    else response.end(Buffer.alloc(2000))
  })
  const { env } = await openEnv(['http.request'])
  const failing = (path: string, more: Partial<HttpRequest>, code: CapabilityErrorCode) =>
    expect(env.http.request({ ...base, url: origin + path, ...more })).rejects.toSatisfy(coded(code))
  await failing('/hang', { timeoutMs: 50 }, 'timeout')
  await failing('/hang', { signal: AbortSignal.timeout(50) }, 'aborted')
  await failing('/hang', { signal: AbortSignal.abort() }, 'aborted')
  await failing('/large', { bodyBytesMax: 1999 }, 'too_large')
  await failing('/large', { bodyBytesMax: 1999, onData: () => {} }, 'too_large')
  expect((await env.http.request({ ...base, url: `${origin}/large`, bodyBytesMax: 2000 })).body).toHaveLength(2000)
})

test('env.http.request() names what went wrong, and shows no credentials', async () => {
  const { env } = await openEnv(['http.request'])
  const failing = async (url: string) => env.http.request({ ...base, url }).catch((error: unknown) => error as Error)
  const refused = await failing('http://user:hunter2@127.0.0.1:1/path?token=hunter2')
  expect(refused).toSatisfy(coded('unreachable'))
  expect(String(refused)).toContain('ECONNREFUSED')
  expect(String(refused)).not.toContain('hunter2')
  expect(await failing('ftp://host/')).toSatisfy(coded('invalid'))
  expect(await failing('nonsense')).toSatisfy(coded('invalid'))
  expect(await failing('http://name.invalid/')).toSatisfy(coded('unreachable'))
  const noise = createTcpServer((socket) => socket.end('220 mail.example ESMTP\r\n')).listen(0, '127.0.0.1')
  await new Promise((resolve) => noise.once('listening', resolve))
  onTestFinished(() => void noise.close())
  expect(await failing(`http://127.0.0.1:${(noise.address() as AddressInfo).port}/`)).toSatisfy(coded('protocol'))
})

test('env.http.request() follows redirects when asked to, and leaves credentials behind at another origin', async () => {
  const other = await nodeServer((request, response) =>
    response.end(`${request.method} ${request.headers.authorization ?? 'none'}`),
  )
  const origin = await nodeServer((request, response) => {
    if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end()
    else if (request.url === '/other') response.writeHead(307, { location: `${other}/` }).end()
    else if (request.url === '/see') response.writeHead(303, { location: '/end' }).end()
    else response.end(`${request.method} ${request.headers.authorization ?? 'none'}`)
  })
  const { env } = await openEnv(['http.request'])
  const ask = async (path: string, more: Partial<HttpRequest> = {}) => {
    const response = await env.http.request({
      ...base,
      method: 'POST',
      body: new Uint8Array(3),
      url: origin + path,
      headers: { authorization: 'x' },
      followRedirects: true,
      ...more,
    })
    return `${response.status} ${env.text.decode(response.body)}`
  }
  expect(await ask('/see')).toBe('200 GET x')
  expect(await ask('/other')).toBe('200 POST none')
  expect(await ask('/see', { followRedirects: false })).toBe('303 ')
  await expect(ask('/loop')).rejects.toSatisfy(coded('protocol'))
})

test('a listener bounds bodies and requests at once, and says when to come again', async () => {
  const { env } = await openEnv(['http.request', 'http.serve'])
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const listener = await env.server.listenHttp(
    { address: '127.0.0.1:0', bodyBytesMax: 10, requestsMax: 1 },
    async ({ url }) => {
      if (url === '/wait') await released
      if (url === '/throw') throw new Error('a bug')
      return { status: 204 }
    },
  )
  const ask = (path: string, body = new Uint8Array()) =>
    env.http.request({ ...base, method: 'POST', url: `http://${listener.address}${path}`, body })
  expect((await ask('/', new Uint8Array(10))).status).toBe(204)
  expect((await ask('/', new Uint8Array(11))).status).toBe(413)
  expect((await ask('/throw')).status).toBe(500)
  expect((await ask('/', new Uint8Array(20_000_000))).status).toBe(413)
  expect(await postInChunks(listener.address)).toBe(413)
  const waiting = ask('/wait')
  let busy
  do busy = await ask('/')
  while (busy.status !== 503)
  expect(busy.headers['retry-after']).toBe('1')
  release()
  expect((await waiting).status).toBe(204)
})

test('a listener refuses a chunked body as soon as it is too large', async () => {
  const { env } = await openEnv(['http.serve'])
  const listener = await env.server.listenHttp(
    { address: '127.0.0.1:0', bodyBytesMax: 10, requestsMax: 1 },
    async () => ({ status: 204 }),
  )
  const socket = connect(Number(listener.address.split(':')[1]), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write('POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nb\r\n12345678901\r\n')
  const [answer] = await new Promise<[Buffer]>((resolve) => socket.once('data', (data: Buffer) => resolve([data])))
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /)
})

test('a listener that is closed finishes what it is doing and frees its address', async () => {
  const { env } = await openEnv(['http.request', 'http.serve'])
  let started: () => void = () => {}
  const running = new Promise<void>((resolve) => {
    started = resolve
  })
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const listener = await env.server.listenHttp(
    { address: '127.0.0.1:0', bodyBytesMax: 10, requestsMax: 9 },
    async () => {
      started()
      await released
      return { status: 200, body: 'done' }
    },
  )
  const answer = env.http.request({ ...base, url: `http://${listener.address}/` })
  await running
  const closed = listener.close(10_000)
  release()
  expect((await answer).status).toBe(200)
  await closed
  const again = await env.server.listenHttp(
    { address: listener.address, bodyBytesMax: 10, requestsMax: 9 },
    async () => ({ status: 200 }),
  )
  await expect(
    env.server.listenHttp({ address: again.address, bodyBytesMax: 1, requestsMax: 1 }, async () => ({ status: 200 })),
  ).rejects.toSatisfy(coded('exists'))
  await expect(
    env.server.listenHttp({ address: 'nonsense', bodyBytesMax: 1, requestsMax: 1 }, async () => ({ status: 200 })),
  ).rejects.toSatisfy(coded('invalid'))
})

/** Sends far more than any socket holds, without saying how much. */
function postInChunks(address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = sendRequest(`http://${address}/`, { method: 'POST' }, (response) => {
      response.resume()
      resolve(response.statusCode!)
    })
    request.on('error', reject)
    for (let i = 0; i < 200; i++) request.write(Buffer.alloc(100_000))
    request.end()
  })
}
