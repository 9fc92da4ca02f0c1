import { Secret, type Clock, type FileReader, type HttpRequest, type HttpResponse } from '@ingot/sdk'
import { decodeUtf8, encodeUtf8 } from '@ingot/telemetry'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { withRules } from '../rules/with-rules.ts'
import { httpClientRules, httpClientShape } from './http-client-arguments.ts'
import { ConfiguredHttpClient } from './http-client.ts'
import { proxyFor } from './proxy.ts'

const schema = withRules(z.strictObject(httpClientShape), ...httpClientRules)

function client(args: unknown, answer: (request: HttpRequest) => HttpResponse, files: Record<string, string> = {}) {
  const sent: HttpRequest[] = []
  const time = { ms: 0 }
  const env = {
    http: {
      request: async (request: HttpRequest) => {
        sent.push(request)
        return answer(request)
      },
      grpc: () => Promise.reject(new Error('not used')),
    },
    fs: { readText: async (path: string) => files[path] } as unknown as FileReader,
    clock: { monotonic: () => time.ms } as unknown as Clock,
  }
  return { client: new ConfiguredHttpClient(schema.parse(args), env), sent, time, files }
}

const ok = (): HttpResponse => ({ status: 200, headers: {}, body: new Uint8Array() })
const get = { method: 'GET', url: 'http://a.example/x', timeoutMs: 1, bodyBytesMax: 1 }
const authorization = (request: HttpRequest | undefined) => {
  const value = request?.headers?.['authorization']
  return value instanceof Secret ? value.reveal() : value
}

describe('ConfiguredHttpClient', () => {
  test('sends basic credentials as a secret', async () => {
    const { client: http, sent } = client({ basic_auth: { username: 'Aladdin', password: 'open sesame' } }, ok)
    await http.request(get)
    expect(sent[0]?.headers?.['authorization']).toBeInstanceOf(Secret)
    expect(authorization(sent[0])).toBe('Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==')
  })

  test('reads a token file again after a while', async () => {
    const { client: http, sent, time, files } = client({ bearer_token_file: '/t' }, ok, { '/t': 'one\n' })
    await http.request(get)
    files['/t'] = 'two'
    await http.request(get)
    time.ms = 60_000
    await http.request(get)
    expect(sent.map(authorization)).toEqual(['Bearer one', 'Bearer one', 'Bearer two'])
  })

  test('sends configured headers, TLS, redirects and proxy', async () => {
    const { client: http, sent } = client(
      {
        http_headers: { 'X-Scope-OrgID': ['a', 'b'] },
        follow_redirects: false,
        proxy_url: 'http://proxy:3128',
        tls_config: { ca_file: '/ca', min_version: 'TLS12', server_name: 'b' },
        authorization: { type: 'Token', credentials: 'x' },
      },
      ok,
      { '/ca': 'PEM' },
    )
    await http.request(get)
    expect(sent[0]).toMatchObject({
      followRedirects: false,
      proxyUrl: 'http://proxy:3128',
      tls: { ca: 'PEM', minVersion: 'TLSv1.2', serverName: 'b' },
    })
    expect(sent[0]?.headers?.['x-scope-orgid']).toHaveLength(2)
    expect(authorization(sent[0])).toBe('Token x')
  })

  test('fetches an OAuth2 token once, and again after it was refused', async () => {
    let tokens = 0
    const { client: http, sent } = client(
      { oauth2: { client_id: 'id', client_secret: 's', token_url: 'http://auth.example/token', scopes: ['a', 'b'] } },
      (request) => {
        if (request.url !== get.url)
          return { ...ok(), body: encodeUtf8(JSON.stringify({ access_token: `t${++tokens}`, expires_in: 3600 })) }
        return { ...ok(), status: authorization(request) === 'Bearer t1' && sent.length > 3 ? 401 : 200 }
      },
    )
    await Promise.all([http.request(get), http.request(get)])
    await http.request(get)
    await http.request(get)
    expect(tokens).toBe(2)
    expect(decodeUtf8(sent[0]!.body as Uint8Array)).toBe('grant_type=client_credentials&scope=a+b')
    expect(authorization(sent.at(-1))).toBe('Bearer t2')
  })
})

describe('httpClientRules', () => {
  test.each([
    [{ bearer_token: 'a', bearer_token_file: 'b' }],
    [{ bearer_token: 'a', basic_auth: {} }],
    [{ basic_auth: { password: 'a', password_file: 'b' } }],
    [{ authorization: { type: 'basic' } }],
    [{ oauth2: {} }],
    [{ tls_config: { cert_pem: 'x' } }],
    [{ no_proxy: 'a' }],
    [{ proxy_url: 'p:1' }],
    [{ proxy_from_environment: true, proxy_url: 'http://p' }],
    [{ proxy_connect_header: { a: ['b'] } }],
    [{ unknown: 1 }],
  ])('refuses %j', (args) => {
    expect(schema.safeParse(args).success).toBe(false)
  })
})

describe('proxyFor()', () => {
  const args = {
    proxy_url: 'http://p:1',
    no_proxy: 'a.example,.b.example,10.0.0.0/8,c:99',
    proxy_from_environment: false,
  }
  test.each<[string, boolean]>([
    ['http://a.example/', false],
    ['http://x.a.example/', false],
    ['http://b.example/', true],
    ['http://x.b.example/', false],
    ['http://10.1.2.3:80/', false],
    ['http://11.1.2.3/', true],
    ['http://c:99/', false],
    ['http://c/', true],
  ])('%s through the proxy: %s', (url, proxied) => {
    expect(proxyFor(args, url, undefined)).toBe(proxied ? 'http://p:1' : undefined)
  })

  test('takes the proxy of the environment', () => {
    const vars = { get: (name: string) => ({ HTTPS_PROXY: 'p:2', no_proxy: 'z' })[name] }
    const fromEnvironment = { proxy_from_environment: true }
    expect(proxyFor(fromEnvironment, 'https://a/', vars)).toBe('http://p:2')
    expect(proxyFor(fromEnvironment, 'http://a/', vars)).toBeUndefined()
    expect(proxyFor(fromEnvironment, 'https://z/', vars)).toBeUndefined()
    expect(proxyFor(fromEnvironment, 'https://127.0.0.1/', vars)).toBeUndefined()
  })
})
