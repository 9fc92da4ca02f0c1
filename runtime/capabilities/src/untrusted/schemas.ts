/**
 * The arguments that brokers take from untrusted components, by capability and method. What is not plainly right is
 * refused, bounds that are asked for are cut to what may be had, and headers that say how a message is framed or where it
 * goes are the host's own affair.
 */
import { Secret, type Capability } from '@ingot/sdk'
import { z } from 'zod'

/** What one answer may hold, a body or a file (the runner's own bound of a result). */
const resultBytesMax = 1024 * 1024
/** A body that is handed over piece by piece. */
const streamBytesMax = 64 * 1024 * 1024
const timeoutMsMax = 300_000
/** The longest wait that a timer of the host takes. */
const sleepMsMax = 2_147_483_647
const urlCharactersMax = 8192
const pathCharactersMax = 4096
const nameCharactersMax = 1024
const matchesMax = 10_000
const requestBytesMax = 4 * 1024 * 1024
const requestsAtOnceMax = 256
const queueBytesMax = 256 * 1024 * 1024

const upTo = (max: number, min = 0) =>
  z
    .number()
    .min(min)
    .transform((asked) => Math.min(asked, max))
const bytes = z.instanceof(Uint8Array)
const signal = z.instanceof(AbortSignal)
const callback = z.custom<(...args: readonly unknown[]) => unknown>((value) => typeof value === 'function')
const path = z.string().min(1).max(pathCharactersMax)
const name = z.string().max(nameCharactersMax)
/** An argument that may be left out: `undefined` in a list travels as `null`. */
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined)

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}$/)
  .refine((text) => !framingHeaders.test(text))
const framingHeaders =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|te|trailer|expect|keep-alive|proxy-.*|:.*)$/i
const headerText = z.string().regex(/^[^\r\n\0]*$/)
const headerValue = z.union([headerText, z.instanceof(Secret)])
const tls = z.object({
  ca: z.string().optional(),
  cert: z.string().optional(),
  key: z.union([z.string(), z.instanceof(Secret)]).optional(),
  serverName: z.string().max(nameCharactersMax).optional(),
  insecureSkipVerify: z.boolean().optional(),
  minVersion: z.string().optional(),
})

const request = z
  .object({
    // CONNECT asks for a tunnel, and TRACE for the request itself with what was put into it.
    method: z.string().regex(/^(?!CONNECT$|TRACE$)[A-Z]{1,16}$/),
    url: z.string().max(urlCharactersMax),
    headers: z.record(headerName, z.union([headerValue, z.array(headerValue)])).optional(),
    body: z.union([bytes, z.array(bytes)]).optional(),
    timeoutMs: upTo(timeoutMsMax, 1),
    bodyBytesMax: upTo(streamBytesMax),
    followRedirects: z.boolean().optional(),
    proxyUrl: z.string().max(urlCharactersMax).optional(),
    tls: tls.optional(),
    signal: signal.optional(),
    onData: callback.optional(),
  })
  .transform((one) => ({
    ...one,
    bodyBytesMax: one.onData ? one.bodyBytesMax : Math.min(one.bodyBytesMax, resultBytesMax),
  }))
const grpcRequest = z.object({
  origin: z.string().max(urlCharactersMax),
  path: z.string().regex(/^\/[\w.-]+\/[\w.-]+$/),
  message: bytes,
  metadata: z.record(headerName, headerValue).optional(),
  compression: z.enum(['none', 'gzip', 'zstd', 'snappy']).optional(),
  timeoutMs: upTo(timeoutMsMax, 1),
  messageBytesMax: upTo(resultBytesMax),
  tls: tls.optional(),
  signal: signal.optional(),
})
const listen = z.object({
  address: z.string().max(nameCharactersMax),
  tls: tls.extend({ clientAuth: z.boolean().optional() }).optional(),
  bodyBytesMax: upTo(requestBytesMax),
  requestsMax: upTo(requestsAtOnceMax, 1),
})
const read = optional(z.object({ bytesMax: upTo(resultBytesMax).default(resultBytesMax) })).transform(
  (options) => options ?? { bytesMax: resultBytesMax },
)
const glob = optional(
  z.object({ exclude: z.string().max(pathCharactersMax).optional(), matchesMax: upTo(matchesMax, 1).optional() }),
)

const none = z.tuple([])
export type Methods = Readonly<Record<string, z.ZodTuple>>

export const argumentSchemas: Readonly<Record<Capability, Methods>> = {
  'http.request': { request: z.tuple([request]), grpc: z.tuple([grpcRequest]) },
  'http.serve': {
    listenHttp: z.tuple([listen, callback]),
    listenGrpc: z.tuple([listen, z.record(z.string().startsWith('/').max(nameCharactersMax), callback)]),
    mount: z.tuple([z.string().regex(/^\/?[\w.~/-]{0,200}$/), callback]),
  },
  'fs.read': {
    read: z.tuple([path, read]),
    readText: z.tuple([path, read]),
    list: z.tuple([path]),
    stat: z.tuple([path]),
    open: z.tuple([path]),
    glob: z.tuple([path, glob]),
    statfs: z.tuple([path]),
    readlink: z.tuple([path]),
  },
  'fs.watch': { watch: z.tuple([path, callback, z.object({ signal })]) },
  'env.read': { get: z.tuple([name]) },
  state: {
    get: z.tuple([name]),
    keys: none,
    set: z.tuple([name, z.string()]),
    delete: z.tuple([name]),
    queue: z.tuple([name, z.object({ bytesMax: upTo(queueBytesMax, 1) })]),
  },
  clock: {
    now: none,
    monotonic: none,
    sleep: z.tuple([upTo(sleepMsMax), optional(z.object({ signal: signal.optional() }))]),
  },
  random: { float: none },
  peers: { owns: z.tuple([name]), onChange: z.tuple([callback]) },
  'host.stats': { uname: none },
  'self.metrics': { scrape: none },
}

/** Of objects that a method returns, by `capability method`. */
export const heldSchemas: Readonly<Record<string, Methods>> = {
  'state queue': {
    append: z.tuple([bytes, z.int().min(0)]),
    next: z.tuple([signal]),
    acknowledge: z.tuple([z.int().min(0)]),
    close: none,
  },
}
