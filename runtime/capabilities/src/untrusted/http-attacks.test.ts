/** What an untrusted component tries with the requests that it may make, against real servers. */
import type { LookupAddress } from 'node:dns'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isCapabilityError, Secret, type HttpRequest } from '@ingot/sdk'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { openEnv } from '../test-env.ts'

/** Names that the resolver knows: to what they lead the first time, the second, and so on. */
const names = new Map<string, string[][]>()
vi.mock('node:dns', async (original) => {
  const dns = await original<typeof import('node:dns')>()
  type Done = (error: Error | null, found: LookupAddress[]) => void
  const lookup = (host: string, _options: object, done: Done): void => {
    const answers = names.get(host)
    if (!answers) return done(new Error(`no such host: ${host}`), [])
    const addresses = answers.length > 1 ? answers.shift()! : answers[0]!
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  return { ...dns, lookup }
})

const base = { method: 'GET', timeoutMs: 5_000, bodyBytesMax: 100_000 } as const

interface TestServer {
  readonly origin: string
  readonly port: number
  readonly requests: IncomingMessage[]
  readonly connections: () => number
}

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end('ok'),
): Promise<TestServer> {
  const requests: IncomingMessage[] = []
  let connections = 0
  const server = createServer((request, response) => {
    requests.push(request)
    answer(request, response)
  }).listen(0, '127.0.0.1')
  server.on('connection', () => connections++)
  await new Promise((resolve) => server.once('listening', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, port, requests, connections: () => connections }
}

/** An env whose argument names an origin, and whose grant lists others. */
async function reaching(url: string, granted: readonly string[] = []) {
  return openEnv(
    {
      'http.request': [
        { why: 'sends', from: 'url' },
        { why: 'looks up', values: ['*'] },
      ],
    },
    { trusted: false, args: { value: { url }, outputs: [], secrets: [] }, grant: { http_request: granted } },
  )
}

async function codeOf(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(
    () => 'answered',
    (error: unknown) => (isCapabilityError(error) ? error.code : String(error)),
  )
}

describe('a component that may reach one server asks for another by', () => {
  const urls: Readonly<Record<string, (own: number, other: number) => string>> = {
    'its port': (_, other) => `http://127.0.0.1:${other}/`,
    'the name of its own': (own) => `http://localhost:${own}/`,
    'the name of its own with a dot': (own) => `http://localhost.:${own}/`,
    'https on its own port': (own) => `https://127.0.0.1:${own}/`,
    'its own address mapped into IPv6': (own) => `http://[::ffff:127.0.0.1]:${own}/`,
    'an address mapped into IPv6': (_, other) => `http://[::ffff:7f00:1]:${other}/`,
    'a decimal address': (_, other) => `http://2130706433:${other}/`,
    'an octal address': (_, other) => `http://0177.0.0.1:${other}/`,
    'a hexadecimal address': (_, other) => `http://0x7f.0x0.0x0.0x1:${other}/`,
    'a shortened address': (_, other) => `http://127.1:${other}/`,
    'the address of nowhere': (_, other) => `http://0.0.0.0:${other}/`,
    'a user that looks like its own': (own, other) => `http://127.0.0.1:${own}@127.0.0.1:${other}/`,
    'a password that looks like its own': (own, other) => `http://a:127.0.0.1%3A${own}@127.0.0.1:${other}/`,
    'a backslash': (own, other) => `http://127.0.0.1:${other}\\@127.0.0.1:${own}/`,
    'full-width digits': (_, other) => `http://１２７.０.０.１:${other}/`,
    'circled digits': (_, other) => `http://①②⑦.⓪.⓪.①:${other}/`,
    'the metadata address of a cloud': () => 'http://169.254.169.254/latest/meta-data/',
    'the metadata address in decimal': () => 'http://2852039166/',
    'the metadata address mapped into IPv6': () => 'http://[::ffff:169.254.169.254]/',
    'the metadata address behind NAT64': () => 'http://[64:ff9b::a9fe:a9fe]/',
    'the metadata address in IPv6': () => 'http://[fd00:ec2::254]/',
    'a link-local address': () => 'http://[fe80::1]/',
  }
  test.each(Object.entries(urls))('%s, and is denied', async (_, url) => {
    const [own, other] = [await serve(), await serve()]
    const { env, counters, logs } = await reaching(own.origin)
    expect(await codeOf(env.http.request({ ...base, url: url(own.port, other.port) }))).toBe('denied')
    expect(await codeOf(env.http.request({ ...base, url: own.origin, proxyUrl: url(own.port, other.port) }))).toBe(
      'denied',
    )
    expect([own.connections(), other.connections()]).toEqual([0, 0])
    expect(counters['http.request']!.denied).toBe(2)
    expect(logs.length).toBeGreaterThan(0)
  })

  test('another redirect, to a file, or without end, and gets no answer', async () => {
    const other = await serve()
    const own = await serve((request, response) => {
      const to = {
        '/other': other.origin,
        '/file': 'file:///etc/passwd',
        '/meta': 'http://169.254.169.254/',
        '/user': `http://x@127.0.0.1:${other.port}/`,
      }[request.url!]
      response.writeHead(302, { location: to ?? '/again' }).end()
    })
    const { env } = await reaching(own.origin)
    const follow = (path: string) =>
      codeOf(env.http.request({ ...base, url: own.origin + path, followRedirects: true }))
    expect(await Promise.all(['/other', '/file', '/meta', '/user', '/again'].map(follow))).toEqual([
      'denied',
      'invalid',
      'denied',
      'denied',
      'protocol',
    ])
    expect(other.connections()).toBe(0)
  })

  test('a redirect that would carry its credentials along, and they stay behind', async () => {
    const other = await serve()
    const own = await serve((_, response) => response.writeHead(307, { location: other.origin }).end())
    const { env } = await reaching(own.origin, [other.origin])
    const headers = { authorization: new Secret('Bearer hunter2hunter2'), cookie: 'a=b' }
    expect((await env.http.request({ ...base, url: own.origin, headers, followRedirects: true })).status).toBe(200)
    expect(other.requests[0]!.headers).not.toHaveProperty('authorization')
    expect(other.requests[0]!.headers).not.toHaveProperty('cookie')
  })
})

describe('a granted name', () => {
  test.each([
    ['a loopback address', ['127.0.0.1']],
    ['a private address', ['10.0.0.1', '192.168.1.1', 'fd00::1']],
    ['the metadata address', ['169.254.169.254']],
    ['addresses mapped into IPv6', ['::ffff:127.0.0.1', '::ffff:a9fe:a9fe']],
    ['the address of nowhere', ['0.0.0.0', '::']],
  ])('that leads to %s is denied', async (_, addresses) => {
    const server = await serve()
    names.set('rebind.example', [addresses])
    const { env } = await reaching('', [`http://*.example:${server.port}`, `http://rebind.example:${server.port}`])
    expect(await codeOf(env.http.request({ ...base, url: `http://rebind.example:${server.port}/` }))).toBe('denied')
    expect(server.connections()).toBe(0)
  })

  test('that leads elsewhere a moment later is asked once for a connection, which goes where that answer led', async () => {
    const server = await serve((_, response) => response.writeHead(200, { connection: 'close' }).end('ok'))
    names.set('rebind.example', [['127.0.0.1'], ['169.254.169.254'], ['127.0.0.1']])
    const url = `http://rebind.example:${server.port}/`
    const { env } = await reaching(url)
    const codes: string[] = []
    for (let i = 0; i < 3; i++) codes.push(await codeOf(env.http.request({ ...base, url })))
    // One answer each: had the check and the connection asked apart, the first would have been denied.
    expect(codes).toEqual(['answered', 'denied', 'answered'])
    expect(server.requests).toHaveLength(2)
  })

  test('that the user wrote into an argument may lead to a private address, and not to metadata', async () => {
    const server = await serve()
    names.set('inside.example', [['127.0.0.1']])
    names.set('meta.example', [['169.254.169.254']])
    const inside = await reaching(`http://inside.example:${server.port}`)
    expect((await inside.env.http.request({ ...base, url: `http://inside.example:${server.port}/` })).status).toBe(200)
    const meta = await reaching('http://meta.example')
    expect(await codeOf(meta.env.http.request({ ...base, url: 'http://meta.example/' }))).toBe('denied')
  })
})

describe('a request with', () => {
  const forged: Readonly<Record<string, Partial<Record<keyof HttpRequest, unknown>>>> = {
    'a line break in a header': { headers: { a: 'b\r\nx-forged: 1' } },
    'a line feed in a header': { headers: { a: 'b\nx-forged: 1' } },
    'a NUL in a header': { headers: { a: 'b\0' } },
    'a line break in the name of a header': { headers: { 'a\r\nx-forged': '1' } },
    'a space in the name of a header': { headers: { 'a b': '1' } },
    'a colon in the name of a header': { headers: { 'a:': '1' } },
    'another host': { headers: { Host: 'internal.example' } },
    'a length of its own': { headers: { 'Content-Length': '5' }, method: 'POST', body: new Uint8Array(9) },
    'a framing of its own': { headers: { 'Transfer-Encoding': 'chunked' }, method: 'POST', body: new Uint8Array(9) },
    'two framings': { headers: { 'transfer-encoding': ['chunked', 'identity'] } },
    'an upgrade': { headers: { connection: 'upgrade', upgrade: 'h2c' } },
    'hop-by-hop headers': { headers: { connection: 'authorization' } },
    'credentials for a proxy': { headers: { 'proxy-authorization': 'Basic YTpi' } },
    'a tunnel': { method: 'CONNECT' },
    'an echo': { method: 'TRACE' },
    'a method that is a request': { method: 'GET / HTTP/1.1\r\nx-forged: 1\r\n\r\nGET' },
    'a method in small letters': { method: 'get' },
    'no method': { method: undefined },
    'a header that is an object': { headers: { a: { reveal: 'b' } } },
    'headers that are a list': { headers: ['a', 'b'] },
    'a body that is a text': { body: 'abc' },
    'no bound of time': { timeoutMs: undefined },
    'a bound of time that is none': { timeoutMs: Number.NaN },
    'no bound of the body': { bodyBytesMax: undefined },
    'a URL that is an object': { url: { href: 'http://127.0.0.1/' } },
    'a URL of a file': { url: 'file:///etc/passwd' },
    'a URL of data': { url: 'data:text/plain,a' },
    'a URL of a gopher': { url: 'gopher://127.0.0.1/' },
    'a URL that is none': { url: 'http://' },
    'a signal that is none': { signal: { aborted: false } },
    'a proxy that is none': { proxyUrl: 'socks5://127.0.0.1' },
  }
  test.each(Object.entries(forged))('%s is invalid, and never sent', async (_, parts) => {
    const own = await serve()
    const { env } = await reaching(own.origin)
    const request = { ...base, url: own.origin, ...parts } as unknown as HttpRequest
    expect(await codeOf(env.http.request(request))).toBe('invalid')
    expect(own.connections()).toBe(0)
  })

  test('line breaks in its path sends one request without them', async () => {
    const own = await serve()
    const { env } = await reaching(own.origin)
    await env.http.request({ ...base, url: `${own.origin}/a\r\nx-forged: 1\r\n\r\nGET /b HTTP/1.1\r\n\r\n` })
    expect(own.requests).toHaveLength(1)
    expect(own.requests[0]!.headers).not.toHaveProperty('x-forged')
  })

  test('a bound beyond what may be had gets no more than that', async () => {
    const own = await serve((_, response) => {
      const more = (): void => {
        while (response.write(Buffer.alloc(65_536)));
      }
      response.on('drain', more)
      more()
    })
    const { env } = await reaching(own.origin)
    expect(await codeOf(env.http.request({ ...base, url: own.origin, bodyBytesMax: 1e15 }))).toBe('too_large')
  })
})

describe('a secret that a server repeats', () => {
  const secret = new Secret('Bearer hunter2hunter2')
  const echo = () =>
    serve((request, response) => {
      const sent = request.headers['authorization']!
      response.writeHead(200, { 'x-echo': sent }).end(`you said ${sent}, that is ${sent.slice(7)}`)
    })

  test('is masked in the headers and the body that the module gets', async () => {
    const { origin, requests } = await echo()
    const { env } = await reaching(origin)
    const { headers, body } = await env.http.request({ ...base, url: origin, headers: { authorization: secret } })
    expect(requests[0]!.headers['authorization']).toBe('Bearer hunter2hunter2')
    expect(headers['x-echo']).toBe('*'.repeat(21))
    expect(env.text.decode(body)).toBe(`you said ${'*'.repeat(21)}, that is ${'*'.repeat(14)}`)
  })

  test('is masked when the body is handed over piece by piece', async () => {
    const { origin } = await echo()
    const { env } = await reaching(origin)
    let text = ''
    const onData = (piece: Uint8Array): void => void (text += env.text.decode(piece))
    await env.http.request({ ...base, url: origin, headers: { authorization: secret }, onData })
    expect(text).toMatch(/^you said \*+, that is \*+$/)
  })

  test('goes to no origin that the module may not reach', async () => {
    const [own, other] = [await serve(), await serve()]
    const { env, logs } = await reaching(own.origin)
    const request = { ...base, url: other.origin, headers: { authorization: secret } }
    expect(await codeOf(env.http.request(request))).toBe('denied')
    expect(other.connections()).toBe(0)
    expect(JSON.stringify(logs)).not.toContain('hunter2')
  })
})
