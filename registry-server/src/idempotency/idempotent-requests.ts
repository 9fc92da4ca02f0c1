import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { SecretSeal } from '../accounts/secret-seal.ts'
import { sessionCookie } from '../access/session-cookie.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'

/** Of an answer that is kept; longer ones are made again. */
const answerBytesMax = 256 * 2 ** 10
const retryAfterSeconds = 5
/** Headers that belong to an answer; the others are of the connection. */
const keptHeaders = ['content-type', 'location', 'cache-control'] as const

/** What becomes of a request that is done once. */
interface Remembered {
  readonly id: string
  readonly seal: SecretSeal
}

declare module 'fastify' {
  interface FastifyRequest {
    remembered: Remembered | undefined
  }
}

const answered = z.object({ status: z.int(), headers: z.record(z.string(), z.string()), body: z.string() })

/**
 * Has requests that change something and bear an `Idempotency-Key` done once within a day
 * (draft-ietf-httpapi-idempotency-key-header-07): asked again with the same credential and the same content, the first
 * answer is given again. What was refused, or has failed, is forgotten and may be asked again. Added after whoever asks is
 * known.
 */
export function idempotentRequests(app: FastifyInstance, registry: Registry): void {
  const { requests } = registry.meta
  app.decorateRequest('remembered')
  app.addHook('preHandler', async (request, reply) => {
    const key = keyOf(request)
    const credential = credentialOf(request)
    if (key === undefined || credential === undefined) return undefined
    const id = hash('id', credential, key).toString('hex')
    const seal = new SecretSeal(hash('seal', credential, key))
    const owner = hash('owner', credential).toString('hex')
    const begun = await requests.begin({ id, owner, fingerprint: fingerprintOf(request) }, new Date())
    if (begun.kind === 'other') {
      throw new Problem(
        'idempotency_key_reused',
        `Cannot do that as "${key}": another request has had this Idempotency-Key, want one of its own`,
      )
    }
    if (begun.kind === 'running') {
      throw new Problem('idempotency_in_flight', `Cannot do "${key}" again: it is still being done`, {
        headers: { 'retry-after': String(retryAfterSeconds) },
      })
    }
    if (begun.kind === 'answered') return sendAgain(reply, seal.open(begun.answer, id))
    request.remembered = { id, seal }
    return undefined
  })
  app.addHook('onSend', async ({ remembered }, reply, payload) => {
    if (!remembered) return payload
    const { id, seal } = remembered
    const answer = answerOf(reply, payload)
    // The request was done: that it is not remembered must not look as if it was not.
    await (answer === undefined ? requests.forget(id) : requests.answer(id, seal.seal(answer, id))).catch(
      () => undefined,
    )
    return payload
  })
}

/** @throws Problem for a key that is none. */
function keyOf({ method, headers, routeOptions }: FastifyRequest): string | undefined {
  const header = headers['idempotency-key']
  const isChange = method === 'POST' || method === 'PATCH'
  if (header === undefined || !isChange || !routeOptions.url?.startsWith('/api/v1/')) return undefined
  // A string of RFC 9651, or, as many clients write it, without its quotes.
  const [, quoted, plain] = /^(?:"([\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\w.~+/=-]{1,255}))$/.exec(String(header)) ?? []
  const key = quoted ?? plain
  if (key !== undefined) return key
  throw new Problem(
    'request_invalid',
    'Cannot read the Idempotency-Key: want a string of 1 to 255 characters in quotes',
    {
      hint: 'such as Idempotency-Key: "8e03978e-40d5-43dd-bc93-6894a57f9324"',
    },
  )
}

/** What is asked by nobody is remembered for nobody. */
function credentialOf({ principal, headers }: FastifyRequest): string | undefined {
  if (principal.kind === 'anonymous') return undefined
  return headers.authorization ?? sessionCookie.read(headers.cookie)
}

/** An upload is known by its digest, which it must have. */
function fingerprintOf({ method, url, headers, body }: FastifyRequest): string {
  const digest = headers['repr-digest']
  const content = digest === undefined ? JSON.stringify(body ?? null) : String(digest)
  return hash(method, url, headers['content-type'] ?? '', content).toString('hex')
}

function answerOf(reply: FastifyReply, payload: unknown): string | undefined {
  const body = payload === undefined || payload === null ? '' : payload
  const done = reply.statusCode >= 200 && reply.statusCode < 300
  if (!done || typeof body !== 'string' || Buffer.byteLength(body) > answerBytesMax) return undefined
  const headers = keptHeaders.flatMap((name) => {
    const value = reply.getHeader(name)
    return value === undefined ? [] : [[name, String(value)] as const]
  })
  return JSON.stringify({ status: reply.statusCode, headers: Object.fromEntries(headers), body })
}

function sendAgain(reply: FastifyReply, text: string): FastifyReply {
  const { status, headers, body } = answered.parse(JSON.parse(text))
  return reply
    .code(status)
    .headers({ ...headers, 'idempotency-replayed': 'true' })
    .send(body === '' ? undefined : body)
}

/** Of parts that cannot run into each other. */
function hash(...parts: readonly string[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest()
}
