/** Our client and server against @grpc/grpc-js, and against each other. */
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  status as codes,
  type ServiceDefinition,
  type ServiceError,
} from '@grpc/grpc-js'
import { isCapabilityError, type GrpcReply } from '@ingot/sdk'
import { expect, onTestFinished, test } from 'vitest'
import { openEnv } from '../test-env.ts'
import { formatRetryInfo } from './retry-info.ts'

const path = '/test.Echo/Call'
const identity = (bytes: Buffer) => bytes
const service: ServiceDefinition = {
  Call: {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  },
}
const request = { path, timeoutMs: 10_000, messageBytesMax: 16 * 2 ** 20 } as const
const large = Buffer.from(Array.from({ length: 3_000_000 }, (_, i) => (i * 7) & 0xff))

async function oracleServer(
  handler: (message: Buffer, metadata: Metadata) => { message?: Buffer; error?: Partial<ServiceError> },
): Promise<string> {
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 })
  server.addService(service, {
    Call: (
      call: { request: Buffer; metadata: Metadata },
      done: (error: Partial<ServiceError> | null, message?: Buffer) => void,
    ) => {
      const { message, error } = handler(call.request, call.metadata)
      done(error ?? null, message)
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  onTestFinished(() => server.forceShutdown())
  return `http://127.0.0.1:${port}`
}

function oracleCall(
  address: string,
  message: Buffer,
  options: Record<string, number> = {},
  metadata = new Metadata(),
): Promise<Buffer | ServiceError> {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    ...options,
  })
  onTestFinished(() => client.close())
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, identity, identity, message, metadata, (error, answer) => resolve(error ?? answer!))
  })
}

async function ourServer(
  handler: (message: Uint8Array, metadata: Readonly<Record<string, string>>) => Promise<GrpcReply>,
  limits: { bodyBytesMax?: number; requestsMax?: number } = {},
) {
  const { env } = await openEnv(['http.serve'])
  return env.server.listenGrpc(
    { address: '127.0.0.1:0', bodyBytesMax: 16 * 2 ** 20, requestsMax: 16, ...limits },
    { [path]: handler },
  )
}

test('env.http.grpc() calls a server of grpc-js, with every size of message and both its compressions', async () => {
  const origin = await oracleServer((message, metadata) => ({
    message: Buffer.concat([message, Buffer.from(String(metadata.get('x-tenant')[0]))]),
  }))
  const { env } = await openEnv(['http.request'])
  for (const message of [Buffer.alloc(0), Buffer.from('hello'), large]) {
    for (const compression of ['none', 'gzip'] as const) {
      const response = await env.http.grpc({ ...request, origin, message, compression, metadata: { 'x-tenant': 'a' } })
      expect(response.code).toBe(0)
      expect(Buffer.from(response.message).equals(Buffer.concat([message, Buffer.from('a')]))).toBe(true)
    }
  }
})

test('env.http.grpc() gives a status with its details and RetryInfo', async () => {
  const origin = await oracleServer(() => {
    const metadata = new Metadata()
    metadata.set('grpc-status-details-bin', Buffer.from(formatRetryInfo(14, 'später', 1500), 'base64'))
    return { error: { code: codes.UNAVAILABLE, details: 'später: 100%', metadata } }
  })
  const { env } = await openEnv(['http.request'])
  const response = await env.http.grpc({ ...request, origin, message: new Uint8Array([1]) })
  expect(response).toMatchObject({ code: 14, details: 'später: 100%', retryAfterMs: 1500 })
  expect(
    await env.http.grpc({ ...request, path: '/test.Echo/Other', origin, message: new Uint8Array() }),
  ).toMatchObject({ code: 12 })
})

test('env.http.grpc() reconnects after the server has gone and come back', async () => {
  const { env } = await openEnv(['http.request', 'http.serve'])
  const echo = { [path]: async (message: Uint8Array) => ({ code: 0, message }) }
  const first = await env.server.listenGrpc({ address: '127.0.0.1:0', bodyBytesMax: 1e6, requestsMax: 4 }, echo)
  const call = () => env.http.grpc({ ...request, origin: `http://${first.address}`, message: new Uint8Array([1]) })
  expect((await call()).code).toBe(0)
  await first.close()
  await expect(call()).rejects.toSatisfy((error) => isCapabilityError(error, 'unreachable'))
  await env.server.listenGrpc({ address: first.address, bodyBytesMax: 1e6, requestsMax: 4 }, echo)
  expect((await call()).code).toBe(0)
})

test('env.http.grpc() gives up at its deadline, at its signal, and on a message that is too large', async () => {
  const { env } = await openEnv(['http.request', 'http.serve'])
  const listener = await env.server.listenGrpc(
    { address: '127.0.0.1:0', bodyBytesMax: 1e6, requestsMax: 4 },
    {
      '/a/hang': () => new Promise(() => {}),
      '/a/large': async () => ({ code: 0, message: new Uint8Array(2000) }),
    },
  )
  const base = { origin: `http://${listener.address}`, message: new Uint8Array(), messageBytesMax: 1000 }
  const failing = (
    more: { path: string; timeoutMs: number; signal?: AbortSignal },
    code: 'timeout' | 'aborted' | 'too_large',
  ) => expect(env.http.grpc({ ...base, ...more })).rejects.toSatisfy((error) => isCapabilityError(error, code))
  await failing({ path: '/a/hang', timeoutMs: 50 }, 'timeout')
  await failing({ path: '/a/hang', timeoutMs: 10_000, signal: AbortSignal.timeout(50) }, 'aborted')
  await failing({ path: '/a/hang', timeoutMs: 10_000, signal: AbortSignal.abort() }, 'aborted')
  await failing({ path: '/a/large', timeoutMs: 10_000 }, 'too_large')
})

test('a listener answers a client of grpc-js, with every size of message and its compressions', async () => {
  const listener = await ourServer(async (message, metadata) => ({
    code: 0,
    message: Buffer.concat([message, Buffer.from(metadata['x-tenant']!)]),
  }))
  const metadata = new Metadata()
  metadata.set('x-tenant', 'b')
  for (const message of [Buffer.alloc(0), Buffer.from('hello'), large]) {
    for (const algorithm of [0, 2]) {
      const answer = await oracleCall(
        listener.address,
        message,
        { 'grpc.default_compression_algorithm': algorithm },
        metadata,
      )
      expect(answer).toBeInstanceOf(Buffer)
      expect(Buffer.concat([message, Buffer.from('b')]).equals(answer as Buffer)).toBe(true)
    }
  }
})

test('a listener sends statuses that a client of grpc-js understands', async () => {
  const listener = await ourServer(async (message) => {
    if (message.length === 1) return { code: 14, details: 'voll: 100%', retryAfterMs: 2500 }
    throw new Error('a bug')
  })
  const full = (await oracleCall(listener.address, Buffer.alloc(1))) as ServiceError
  expect(full).toMatchObject({ code: 14, details: 'voll: 100%' })
  expect((full.metadata.get('grpc-status-details-bin')[0] as Buffer).toString('base64').replaceAll('=', '')).toBe(
    formatRetryInfo(14, 'voll: 100%', 2500),
  )
  expect(await oracleCall(listener.address, Buffer.alloc(2))).toMatchObject({ code: 13 })
})

test('a listener refuses messages that are too large, and more calls at once than it may handle', async () => {
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const listener = await ourServer(
    async (message) => {
      if (message.length === 1) await released
      return { code: 0, message }
    },
    { bodyBytesMax: 1000, requestsMax: 1 },
  )
  expect(await oracleCall(listener.address, Buffer.alloc(100_000))).toMatchObject({ code: 8 })
  expect(
    await oracleCall(listener.address, Buffer.alloc(100_000), { 'grpc.default_compression_algorithm': 2 }),
  ).toMatchObject({ code: 8 })
  const running = oracleCall(listener.address, Buffer.alloc(1))
  let refusal: Buffer | ServiceError
  do refusal = await oracleCall(listener.address, Buffer.alloc(2))
  while (Buffer.isBuffer(refusal))
  expect(refusal).toMatchObject({ code: 8 })
  release()
  expect(await running).toBeInstanceOf(Buffer)
})

test('client and listener agree on every compression', async () => {
  const listener = await ourServer(async (message) => ({ code: 0, message }))
  const { env } = await openEnv(['http.request'])
  for (const compression of ['none', 'gzip', 'zstd', 'snappy'] as const) {
    const response = await env.http.grpc({
      ...request,
      origin: `http://${listener.address}`,
      message: large,
      compression,
    })
    expect(Buffer.from(response.message).equals(large)).toBe(true)
  }
})

test('many large calls at once pass through one session', async () => {
  const listener = await ourServer(async (message) => ({ code: 0, message }), { requestsMax: 100 })
  const { env } = await openEnv(['http.request'])
  const call = () => env.http.grpc({ ...request, origin: `http://${listener.address}`, message: large })
  const responses = await Promise.all(Array.from({ length: 24 }, call))
  for (const { code, message } of responses) expect([code, message.length]).toEqual([0, large.length])
})

test('a listener that is closed lets running calls finish', async () => {
  let release: () => void = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let started: () => void = () => {}
  const running = new Promise<void>((resolve) => {
    started = resolve
  })
  const listener = await ourServer(async (message) => {
    started()
    await released
    return { code: 0, message }
  })
  const answer = oracleCall(listener.address, Buffer.from('last'))
  await running
  const closed = listener.close(10_000)
  release()
  expect(await answer).toEqual(Buffer.from('last'))
  await closed
})
