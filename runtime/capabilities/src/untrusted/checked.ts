import type { Capability, GrpcReply, ServerRequest, ServerResponse } from '@ingot/sdk'
import type { Access } from '../access/access.ts'
import { argumentSchemas, heldSchemas, type Methods } from './schemas.ts'

/** Paths that one component may serve under the collector's own server. */
const mountsMax = 64
const textCharactersMax = 1024
/** Methods that return at once; of the others an error is a rejection. */
const immediate = new Set([
  'mount',
  'watch',
  'get',
  'keys',
  'now',
  'monotonic',
  'float',
  'owns',
  'onChange',
  'uname',
  'acknowledge',
])
const framingHeaders = /^(?:connection|content-length|transfer-encoding|keep-alive|upgrade|trailer)$/i

type Target = Readonly<Record<string, unknown>>
type Method = (...args: readonly unknown[]) => unknown

/**
 * The same capability for a component that nobody vouches for: only the methods that are known, with arguments that were
 * checked, and with answers to other people's requests that cannot be more than answers.
 */
export function checked(capability: Capability, value: unknown, access: Access): unknown {
  const target = value as Target
  const made: Record<string, unknown> = {}
  for (const key of Object.keys(target)) if (typeof target[key] !== 'function') made[key] = target[key]
  Object.assign(made, checkMethods(capability, target, argumentSchemas[capability], access))
  return Object.freeze(made)
}

function checkMethods(what: string, target: Target, methods: Methods, access: Access): Record<string, Method> {
  const made: Record<string, Method> = {}
  let mounts = 0
  for (const [name, schema] of Object.entries(methods)) {
    const run = (args: readonly unknown[]): unknown => {
      const parsed = schema.safeParse(args)
      if (!parsed.success) throw access.error('invalid', `Cannot call ${what} ${name}: its arguments are malformed`)
      if (name === 'mount' && ++mounts > mountsMax)
        throw access.error('full', `Cannot serve another path: ${mountsMax} are served`)
      return (target[name] as Method).apply(target, [...withSafeAnswers(name, parsed.data)])
    }
    const held = heldSchemas[`${what} ${name}`]
    made[name] = immediate.has(name)
      ? (...args) => run(args)
      : async (...args) => {
          const result = await run(args)
          return held ? withQueueMethods(`${what} ${name}`, result as Target, held, access) : result
        }
  }
  return made
}

function withQueueMethods(what: string, queue: Target, methods: Methods, access: Access): object {
  const made = checkMethods(what, queue, methods, access)
  return Object.defineProperty(made, 'pending', { enumerable: true, get: () => queue['pending'] })
}

function withSafeAnswers(name: string, args: readonly unknown[]): readonly unknown[] {
  const [first, second] = args
  if (name === 'listenHttp') return [first, answersHttp(second as Method, {})]
  // What is mounted is served from the collector's own origin: a browser must not take it for one of its pages.
  if (name === 'mount') return [first, answersHttp(second as Method, mountedHeaders)]
  if (name !== 'listenGrpc') return args
  const methods = Object.entries(second as Readonly<Record<string, Method>>)
  return [first, Object.fromEntries(methods.map(([method, answer]) => [method, answersGrpc(answer)]))]
}

const mountedHeaders = { 'content-security-policy': 'sandbox', 'x-content-type-options': 'nosniff' }

function answersHttp(answer: Method, more: Readonly<Record<string, string>>) {
  return async (request: ServerRequest): Promise<ServerResponse> => {
    const { status, headers, body } = ((await answer(request)) ?? {}) as Readonly<Record<string, unknown>>
    const own = typeof headers === 'object' && headers !== null ? Object.entries(headers) : []
    const safe = own.filter(
      ([name, value]) => typeof value === 'string' && !framingHeaders.test(name) && !(name.toLowerCase() in more),
    )
    return {
      status:
        Number.isInteger(status) && (status as number) >= 200 && (status as number) <= 599 ? (status as number) : 500,
      headers: { ...Object.fromEntries(safe), ...more } as Record<string, string>,
      ...((typeof body === 'string' || body instanceof Uint8Array) && { body }),
    }
  }
}

function answersGrpc(answer: Method) {
  return async (message: Uint8Array, metadata: Readonly<Record<string, string>>): Promise<GrpcReply> => {
    const reply = ((await answer(message, metadata)) ?? {}) as Readonly<Record<string, unknown>>
    const { code, details, retryAfterMs } = reply
    return {
      code: Number.isInteger(code) && (code as number) >= 0 && (code as number) <= 16 ? (code as number) : 13,
      ...(typeof details === 'string' && { details: details.slice(0, textCharactersMax) }),
      ...(reply['message'] instanceof Uint8Array && { message: reply['message'] }),
      ...(typeof retryAfterMs === 'number' && retryAfterMs >= 0 && { retryAfterMs }),
    }
  }
}
