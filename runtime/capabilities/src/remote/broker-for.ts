import {
  CapabilityError,
  isCapabilityError,
  Secret,
  type Capability,
  type CapabilityErrorCode,
  type Env,
} from '@ingot/sdk'
import { z } from 'zod'
import { decodeWire, encodeWire } from './wire.ts'

/** What a runner may send in one call and get back, unless the caller sets other bounds (sandbox.md §7). */
const argumentBytesMax = 64 * 1024
const resultBytesMax = 1024 * 1024
/** Room for a result's JSON beside the bytes of a body or a file. */
const resultJsonBytes = 64 * 1024
const timeoutMsMax = 300_000

export interface BrokerOptions {
  readonly argumentBytesMax?: number
  readonly resultBytesMax?: number
  /** Text of a secret that the runner knows by name only. */
  readonly secret?: (name: string) => string | undefined
}

/** Serves one capability call of a component in another process. Never rejects: failures are results (see wire.ts). */
export type Broker = (capability: string, method: string, args: Uint8Array) => Promise<Uint8Array>

/** What of an env makes sense across a process: calls with plain arguments and one plain result. */
export function brokerFor(env: Env, options: BrokerOptions = {}): Broker {
  const bounds = {
    arguments: options.argumentBytesMax ?? argumentBytesMax,
    result: options.resultBytesMax ?? resultBytesMax,
  }
  const methods = methodsOf(bounds.result - Math.min(resultJsonBytes, bounds.result / 2), secretSchema(options.secret))
  return async (capability, method, args) => {
    try {
      if (args.length > bounds.arguments)
        throw new CapabilityError('too_large', `the arguments have more than ${bounds.arguments} bytes`)
      const found = Object.hasOwn(methods, capability) ? methods[capability as Capability] : undefined
      if (!found || !Object.hasOwn(found.calls, method)) throw new CapabilityError('denied', 'denied')
      const target = (env as unknown as Record<string, unknown>)[found.property]
      if (target === undefined) throw new CapabilityError('denied', 'denied')
      const value = await found.calls[method]!(target, decodeArguments(args))
      const result = encodeWire({ value })
      if (result.length > bounds.result)
        throw new CapabilityError('too_large', `the result has more than ${bounds.result} bytes`)
      return result
    } catch (error) {
      return encodeWire({ error: describe(error) })
    }
  }
}

function decodeArguments(args: Uint8Array): unknown {
  try {
    return decodeWire(args)
  } catch (error) {
    throw new CapabilityError('invalid', (error as Error).message)
  }
}

function describe(error: unknown): { code: CapabilityErrorCode; message: string } {
  if (isCapabilityError(error)) return { code: error.code, message: error.message }
  if (error instanceof z.ZodError) return { code: 'invalid', message: 'the arguments are malformed' }
  // Whatever else was thrown may tell of the host.
  return { code: 'io', message: 'io' }
}

type Call = (target: unknown, args: unknown) => unknown
interface Served {
  /** Of `env`. */
  readonly property: string
  readonly calls: Readonly<Record<string, Call>>
}

/** A method whose arguments are checked before it is called. */
function call<T, A extends z.ZodTuple>(schema: A, run: (target: T, ...args: z.output<A>) => unknown): Call {
  return (target, args) => run(target as T, ...schema.parse(args))
}

function methodsOf(bytesMax: number, secret: z.ZodType<Secret>): Readonly<Partial<Record<Capability, Served>>> {
  type Http = Env<'http.request'>['http']
  type Files = Env<'fs.read'>['fs']
  type State = Env<'state'>['state']
  const name = z.tuple([z.string()])
  const none = z.tuple([])
  const bound = (asked: number | undefined) => Math.min(asked ?? bytesMax, bytesMax)
  const { request, grpc } = requestSchemas(bytesMax, secret)
  const readOptions = z.strictObject({ bytesMax: z.number().min(0).optional() }).optional()
  const globOptions = z
    .strictObject({ exclude: z.string().optional(), matchesMax: z.number().min(1).optional() })
    .optional()
  return {
    'http.request': {
      property: 'http',
      calls: {
        request: call(z.tuple([request]), (http: Http, one) => http.request(one as Parameters<Http['request']>[0])),
        grpc: call(z.tuple([grpc]), (http: Http, one) => http.grpc(one as Parameters<Http['grpc']>[0])),
      },
    },
    'fs.read': {
      property: 'fs',
      calls: {
        read: call(z.tuple([z.string(), readOptions]), (fs: Files, path, read) =>
          fs.read(path, { bytesMax: bound(read?.bytesMax) }),
        ),
        readText: call(z.tuple([z.string(), readOptions]), (fs: Files, path, read) =>
          fs.readText(path, { bytesMax: bound(read?.bytesMax) }),
        ),
        stat: call(name, (fs: Files, path) => fs.stat(path)),
        list: call(name, (fs: Files, path) => fs.list(path)),
        glob: call(z.tuple([z.string(), globOptions]), (fs: Files, pattern, glob) =>
          fs.glob(pattern, glob as Parameters<Files['glob']>[1]),
        ),
        statfs: call(name, (fs: Files, path) => fs.statfs(path)),
        readlink: call(name, (fs: Files, path) => fs.readlink(path)),
      },
    },
    state: {
      property: 'state',
      calls: {
        get: call(name, (state: State, key) => state.get(key)),
        keys: call(none, (state: State) => state.keys()),
        set: call(z.tuple([z.string(), z.string()]), (state: State, key, value) => state.set(key, value)),
        delete: call(name, (state: State, key) => state.delete(key)),
      },
    },
    'env.read': { property: 'vars', calls: { get: call(name, (vars: Env<'env.read'>['vars'], key) => vars.get(key)) } },
    random: { property: 'random', calls: { float: call(none, (random: Env<'random'>['random']) => random.float()) } },
    clock: { property: 'clock', calls: { now: call(none, (clock: Env<'clock'>['clock']) => clock.now()) } },
    peers: { property: 'peers', calls: { owns: call(name, (peers: Env<'peers'>['peers'], key) => peers.owns(key)) } },
    'host.stats': { property: 'host', calls: { uname: call(none, (host: Env<'host.stats'>['host']) => host.uname()) } },
  }
}

function requestSchemas(bytesMax: number, secret: z.ZodType<Secret>) {
  const bytes = z.instanceof(Uint8Array)
  const header = z.union([z.string(), secret])
  const timeoutMs = z.number().min(1).max(timeoutMsMax)
  const bodyBytesMax = z
    .number()
    .min(0)
    .transform((asked) => Math.min(asked, bytesMax))
  const tls = z.strictObject({
    ca: z.string().optional(),
    cert: z.string().optional(),
    key: header.optional(),
    serverName: z.string().optional(),
    insecureSkipVerify: z.boolean().optional(),
    minVersion: z.string().optional(),
  })
  const request = z.strictObject({
    method: z.string().regex(/^[A-Z]{1,16}$/),
    url: z.string(),
    headers: z.record(z.string(), z.union([header, z.array(header)])).optional(),
    body: z.union([bytes, z.array(bytes)]).optional(),
    timeoutMs,
    bodyBytesMax,
    followRedirects: z.boolean().optional(),
    proxyUrl: z.string().optional(),
    tls: tls.optional(),
  })
  const grpc = z.strictObject({
    origin: z.string(),
    path: z.string().startsWith('/'),
    message: bytes,
    metadata: z.record(z.string(), header).optional(),
    compression: z.enum(['none', 'gzip', 'zstd', 'snappy']).optional(),
    timeoutMs,
    messageBytesMax: bodyBytesMax,
    tls: tls.optional(),
  })
  return { request, grpc }
}

function secretSchema(lookup: BrokerOptions['secret']): z.ZodType<Secret> {
  return z.strictObject({ $secret: z.string() }).transform(({ $secret }, context) => {
    const text = lookup?.($secret)
    if (text !== undefined) return new Secret(text)
    context.addIssue({ code: 'custom', message: 'unknown secret' })
    return z.NEVER
  })
}
