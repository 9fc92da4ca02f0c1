import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { openEnv, temporaryDirectory } from '../test-env.ts'
import { brokerFor } from './broker-for.ts'
import { decodeWire, encodeWire } from './wire.ts'

test('decodeWire() gives back what encodeWire() was given', () => {
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Object.is(n, -0)),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
      fc.array(tie('value')),
      fc.dictionary(
        fc.string().filter((key) => !key.startsWith('$') && key !== '__proto__'),
        tie('value'),
        { noNullPrototype: true },
      ),
    ),
  })).value
  fc.assert(
    fc.property(value, (one) => {
      expect(decodeWire(encodeWire([one]))).toEqual([one])
    }),
  )
})

test('decodeWire() refuses malformed messages', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        decodeWire(bytes)
      } catch (error) {
        expect(error).toBeInstanceOf(Error)
      }
    }),
  )
  expect(() => decodeWire(encodeWire([{ $bytes: [0, 5] }]))).toThrow('cut off')
})

test('brokerFor() serves calls with plain arguments and results', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'a.txt'), 'hello')
  const { env } = await openEnv(['state', 'fs.read', 'http.request', 'http.serve', 'random'])
  const listener = await env.server.listenHttp(
    { address: '127.0.0.1:0', bodyBytesMax: 100, requestsMax: 4 },
    async ({ body, headers }) => ({ status: 200, headers: { 'x-auth': headers['authorization'] ?? '' }, body }),
  )
  const broker = brokerFor(env, { secret: (name) => (name === 'password' ? 'hunter2' : undefined) })
  const call = async (capability: string, method: string, ...args: unknown[]) =>
    decodeWire(await broker(capability, method, encodeWire(args)))
  expect(await call('state', 'set', 'k', 'v')).toEqual({})
  expect(await call('state', 'get', 'k')).toEqual({ value: 'v' })
  expect(await call('state', 'get', 'absent')).toEqual({})
  expect(await call('fs.read', 'readText', join(directory, 'a.txt'))).toEqual({ value: 'hello' })
  expect(await call('fs.read', 'read', join(directory, 'a.txt'))).toEqual({
    value: new Uint8Array(Buffer.from('hello')),
  })
  expect(await call('fs.read', 'glob', `${directory}/*`)).toEqual({ value: [join(directory, 'a.txt')] })
  const request = {
    method: 'POST',
    url: `http://${listener.address}/`,
    headers: { authorization: { $secret: 'password' } },
    body: Buffer.from('body'),
    timeoutMs: 5000,
    bodyBytesMax: 100,
  }
  expect(await call('http.request', 'request', request)).toMatchObject({
    value: { status: 200, headers: { 'x-auth': 'hunter2' }, body: new Uint8Array(Buffer.from('body')) },
  })
  expect(
    await call('http.request', 'request', { ...request, headers: { authorization: { $secret: 'other' } } }),
  ).toMatchObject({ error: { code: 'invalid' } })
})

test('brokerFor() denies what is not declared, unknown or malformed, and bounds both ways', async () => {
  const directory = temporaryDirectory()
  writeFileSync(join(directory, 'large'), Buffer.alloc(2000))
  const { env } = await openEnv(['fs.read'])
  const broker = brokerFor(env, { argumentBytesMax: 500, resultBytesMax: 1000 })
  const codeOf = async (capability: string, method: string, ...args: unknown[]) =>
    (decodeWire(await broker(capability, method, encodeWire(args))) as { error?: { code: string } }).error?.code
  expect(await codeOf('state', 'get', 'k')).toBe('denied')
  expect(await codeOf('fs.read', 'open', '/x')).toBe('denied')
  expect(await codeOf('fs.read', 'constructor')).toBe('denied')
  expect(await codeOf('constructor', 'x')).toBe('denied')
  expect(await codeOf('fs.read', 'read', 5)).toBe('invalid')
  expect(await codeOf('fs.read', 'read', '/x'.repeat(500))).toBe('too_large')
  expect(await codeOf('fs.read', 'read', join(directory, 'large'))).toBe('too_large')
  expect(decodeWire(await broker('fs.read', 'read', new Uint8Array([1, 2])))).toMatchObject({
    error: { code: 'invalid' },
  })
})
