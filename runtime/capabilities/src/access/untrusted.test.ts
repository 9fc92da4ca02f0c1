/** What an untrusted component may and may not do, with real files and sockets. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { isCapabilityError } from '@ingot/sdk'
import { expect, onTestFinished, test } from 'vitest'
import { AddressDenied, guardedLookup } from '../http-request/lookup.ts'
import { openEnv, temporaryDirectory } from '../test-env.ts'

const base = { method: 'GET', timeoutMs: 5000, bodyBytesMax: 1e6 } as const
const denied = (error: unknown) => isCapabilityError(error, 'denied')
const frame = (value: unknown) => ({ value, outputs: [], secrets: [] })

async function server(answer: (path: string) => { status?: number; location?: string }): Promise<string> {
  const listening = createServer((request, response) => {
    const { status = 200, location } = answer(request.url ?? '/')
    response.writeHead(status, location ? { location } : {}).end(request.url)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => listening.once('listening', resolve))
  onTestFinished(() => {
    listening.closeAllConnections()
    listening.close()
  })
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
}

test('an untrusted component reaches exactly the origin that its argument names', async () => {
  const origin = await server(() => ({}))
  const other = await server(() => ({}))
  const { env, counters, logs } = await openEnv(
    { 'http.request': [{ why: 'sends', from: 'endpoint.url' }] },
    { trusted: false, args: frame({ endpoint: [{ url: `${origin}/push` }] }) },
  )
  expect((await env.http.request({ ...base, url: `${origin}/other/path` })).status).toBe(200)
  for (let i = 0; i < 2; i++) await expect(env.http.request({ ...base, url: other })).rejects.toSatisfy(denied)
  await expect(
    env.http.grpc({ origin: other, path: '/a/b', message: new Uint8Array(), timeoutMs: 100, messageBytesMax: 1 }),
  ).rejects.toSatisfy(denied)
  expect(counters['http.request']).toEqual({ granted: 1, used: 4, denied: 3 })
  expect(logs).toEqual([expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ target: other }) })])
})

test('an untrusted component learns no more than a code', async () => {
  const { env } = await openEnv(
    { 'http.request': [{ why: 'sends', from: 'url' }] },
    { trusted: false, args: frame({ url: 'http://127.0.0.1:1/' }) },
  )
  const error = await env.http.request({ ...base, url: 'http://127.0.0.1:1/' }).catch((one: unknown) => one as Error)
  expect(error).toMatchObject({ code: 'unreachable', message: 'unreachable' })
})

test('a redirect leads an untrusted component nowhere else', async () => {
  const inside = await server(() => ({}))
  const origin = await server((path) =>
    path === '/same' ? { status: 302, location: '/end' } : { status: 302, location: `${inside}/` },
  )
  const { env } = await openEnv(
    { 'http.request': [{ why: 'sends', from: 'url' }] },
    { trusted: false, args: frame({ url: origin }) },
  )
  await expect(env.http.request({ ...base, url: `${origin}/away`, followRedirects: true })).rejects.toSatisfy(denied)
  expect((await env.http.request({ ...base, url: `${origin}/away` })).status).toBe(302)
})

test('a name that leads to a private address is resolved for the user who wrote it only', async () => {
  const resolve = (reach: { private: boolean; linkLocal: boolean }) =>
    new Promise((settle) => guardedLookup(reach)('localhost', { all: true }, (error, found) => settle(error ?? found)))
  expect(await resolve({ private: false, linkLocal: false })).toBeInstanceOf(AddressDenied)
  expect(await resolve({ private: true, linkLocal: false })).toContainEqual(
    expect.objectContaining({ family: expect.any(Number) }),
  )
  const origin = (await server(() => ({}))).replace('127.0.0.1', 'localhost')
  const args = frame({ url: origin })
  const { env } = await openEnv({ 'http.request': [{ why: 'sends', from: 'url' }] }, { trusted: false, args })
  expect((await env.http.request({ ...base, url: origin })).status).toBe(200)
})

test('a grant reaches only what the manifest requests, and tainted arguments designate nothing', async () => {
  const origin = await server(() => ({}))
  const narrow = await openEnv(
    { 'http.request': [{ why: 'sends', values: ['https://api.example'] }] },
    { trusted: false, grant: { 'http.request': [origin] } },
  )
  await expect(narrow.env.http.request({ ...base, url: origin })).rejects.toSatisfy(denied)
  const tainted = await openEnv(
    { 'http.request': [{ why: 'sends', from: 'url' }] },
    { trusted: false, args: frame({ url: origin }), taintedPaths: [['url']] },
  )
  await expect(tainted.env.http.request({ ...base, url: origin })).rejects.toSatisfy(denied)
})

test('new arguments take the place of the old ones', async () => {
  const [first, second] = [await server(() => ({})), await server(() => ({}))]
  const { env, redesignate } = await openEnv(
    { 'http.request': [{ why: 'sends', from: 'url' }] },
    { trusted: false, args: frame({ url: first }) },
  )
  redesignate(frame({ url: second }))
  expect((await env.http.request({ ...base, url: second })).status).toBe(200)
  await expect(env.http.request({ ...base, url: first })).rejects.toSatisfy(denied)
})

test('an untrusted component reads granted roots and named files, and no link leads out', async () => {
  const directory = temporaryDirectory()
  for (const name of ['root', 'logs', 'secret']) mkdirSync(join(directory, name))
  for (const name of ['root/a', 'logs/a.log', 'logs/b.txt', 'secret/key']) writeFileSync(join(directory, name), name)
  symlinkSync(join(directory, 'secret/key'), join(directory, 'root/link'))
  symlinkSync(join(directory, 'secret'), join(directory, 'root/folder'))
  symlinkSync(join(directory, 'secret/key'), join(directory, 'logs/c.log'))
  const { env, counters } = await openEnv(
    { 'fs.read': [{ why: 'reads', from: 'targets.__path__', values: ['/*'] }] },
    {
      trusted: false,
      grant: { fs_read: [join(directory, 'root')] },
      args: frame({ targets: [{ __path__: join(directory, 'logs/*.log') }] }),
    },
  )
  const readable = async (path: string) => env.fs.readText(join(directory, path))
  expect(await readable('root/a')).toBe('root/a')
  expect(await readable('logs/a.log')).toBe('logs/a.log')
  for (const path of ['logs/b.txt', 'logs/c.log', 'secret/key', 'root/link', 'root/folder/key', 'root/../secret/key']) {
    await expect(readable(path)).rejects.toSatisfy(denied)
    await expect(env.fs.stat(join(directory, path))).rejects.toSatisfy(denied)
    await expect(env.fs.open(join(directory, path))).rejects.toSatisfy(denied)
  }
  expect(await env.fs.glob(`${directory}/**`)).toEqual([
    join(directory, 'logs/a.log'),
    join(directory, 'root'),
    join(directory, 'root/a'),
  ])
  await expect(env.fs.readText('/proc/self/environ')).rejects.toSatisfy(denied)
  expect(counters['fs.read']!.denied).toBe(19)
})

test('an untrusted component reads only variables that are granted', async () => {
  const { env } = await openEnv(
    { 'env.read': [{ why: 'region', values: ['ACME_*'] }] },
    {
      trusted: false,
      grant: { env_read: ['ACME_REGION', 'HOME'] },
      environment: { ACME_REGION: 'eu', ACME_KEY: 'x', HOME: '/root' },
    },
  )
  expect(env.vars.get('ACME_REGION')).toBe('eu')
  expect(() => env.vars.get('ACME_KEY')).toThrow('denied')
  expect(() => env.vars.get('HOME')).toThrow('denied')
})

test('an untrusted component listens only where its arguments say', async () => {
  const { env } = await openEnv(
    { 'http.serve': [{ why: 'listens', from: 'address' }] },
    { trusted: false, args: frame({ address: '127.0.0.1:0' }) },
  )
  const options = { bodyBytesMax: 1, requestsMax: 1 }
  await env.server.listenHttp({ ...options, address: '127.0.0.1:0' }, async () => ({ status: 200 }))
  await expect(
    env.server.listenHttp({ ...options, address: '0.0.0.0:0' }, async () => ({ status: 200 })),
  ).rejects.toSatisfy(denied)
})
