/**
 * What a component can do with the world. Every property of {@link Env} beyond {@link AlwaysEnv} exists only when the
 * component declares its capability: undeclared use does not compile, and at run time the property is absent.
 */
import type { Secret } from './secret.ts'

/** Capability name → the property of `env` that it opens. */
export interface CapabilityEnv {
  'http.request': { readonly http: HttpClient }
  'http.serve': { readonly server: HttpServer }
  'fs.read': { readonly fs: FileReader }
  'fs.watch': { readonly watch: FileWatcher }
  'env.read': { readonly vars: Variables }
  state: { readonly state: State }
  clock: { readonly clock: Clock }
  random: { readonly random: Random }
  peers: { readonly peers: Peers }
  'host.stats': { readonly host: HostStats }
  'self.metrics': { readonly self: SelfMetrics }
}
export type Capability = keyof CapabilityEnv

/** Always there, always rate-bound: logs, metrics, and the byte-level primitives that have no authority. */
export interface AlwaysEnv {
  readonly log: Logger
  readonly metrics: Metrics
  readonly codec: Codec
  readonly text: Text
}

/** The `env` of a component that declared the capabilities `C`. */
export type Env<C extends Capability = Capability> = AlwaysEnv &
  UnionToIntersection<C extends Capability ? CapabilityEnv[C] : never>
type UnionToIntersection<U> = [U] extends [never]
  ? unknown
  : (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void
    ? I
    : never

/** Every failure of a capability has one of these codes; `message` never shows secrets or host paths to an untrusted module. */
export class CapabilityError extends Error {
  override readonly name = 'CapabilityError'
  readonly code: CapabilityErrorCode
  constructor(code: CapabilityErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Whether `error` is a {@link CapabilityError} of one of the given codes (of any, when none is given). Use it instead of `instanceof`: the host throws its own copy of the class. */
export function isCapabilityError(error: unknown, ...codes: CapabilityErrorCode[]): error is CapabilityError {
  if (!(error instanceof Error) || error.name !== 'CapabilityError') return false
  return codes.length === 0 || codes.includes((error as CapabilityError).code)
}
export type CapabilityErrorCode =
  | 'denied'
  | 'not_found'
  | 'exists'
  | 'timeout'
  | 'aborted'
  | 'unreachable'
  | 'too_large'
  | 'protocol'
  | 'full'
  | 'invalid'
  | 'io'

// ---------------------------------------------------------------- always there
export interface Logger {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}
export type LogFields = Readonly<Record<string, unknown>>

/** The component's own metrics, shown at the collector's `/metrics` with `component_id` and `component_path`. */
export interface Metrics {
  counter(name: string, help: string, labels?: Readonly<Record<string, string>>): Counter
  gauge(name: string, help: string, labels?: Readonly<Record<string, string>>): Gauge
  histogram(
    name: string,
    help: string,
    buckets: readonly number[],
    labels?: Readonly<Record<string, string>>,
  ): Histogram
}
export interface Counter {
  add(n?: number): void
}
export interface Gauge {
  set(value: number): void
  add(n: number): void
}
export interface Histogram {
  observe(value: number): void
}

/** Compression kernels of the host. Each decompressor refuses output beyond `bytesMax` with `too_large`. */
export interface Codec {
  gzip(data: Uint8Array): Promise<Uint8Array>
  gunzip(data: Uint8Array, bytesMax: number): Promise<Uint8Array>
  zstd(data: Uint8Array): Promise<Uint8Array>
  unzstd(data: Uint8Array, bytesMax: number): Promise<Uint8Array>
  /** The result may be a view of static memory of the kernel: use or copy it before the next call. */
  snappy(data: Uint8Array): Uint8Array
  unsnappy(data: Uint8Array, bytesMax: number): Uint8Array
}

/** UTF-8 at the host's speed. Invalid bytes become U+FFFD. */
export interface Text {
  decode(bytes: Uint8Array): string
  encode(text: string): Uint8Array
}

// ---------------------------------------------------------------- time and chance
export interface Clock {
  /** Milliseconds since the epoch, with a fraction where the host has it. */
  now(): number
  /** Milliseconds that only grow. */
  monotonic(): number
  /** Resolves after `ms`, or rejects with `aborted` when the signal fires first. */
  sleep(ms: number, options?: { readonly signal?: AbortSignal }): Promise<void>
}
export interface Random {
  /** Uniform in [0, 1). */
  float(): number
}

// ---------------------------------------------------------------- HTTP
export type HeaderValue = string | Secret
export interface TlsOptions {
  readonly ca?: string
  readonly cert?: string
  readonly key?: Secret | string
  readonly serverName?: string
  readonly insecureSkipVerify?: boolean
  readonly minVersion?: string
}
export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers?: Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>
  /** Chunks are written one after the other, without a copy. */
  readonly body?: Uint8Array | readonly Uint8Array[]
  /** Bound of the whole exchange. */
  readonly timeoutMs: number
  /** Bound of the response's body as it is on the wire; beyond it the request fails with `too_large`. */
  readonly bodyBytesMax: number
  readonly followRedirects?: boolean
  readonly proxyUrl?: string
  readonly tls?: TlsOptions
  readonly signal?: AbortSignal
  /**
   * Where given, the body is handed over piece by piece and `HttpResponse.body` stays empty. A piece is valid only
   * during the call. Only status 200 streams; other bodies are collected.
   */
  readonly onData?: (piece: Uint8Array, head: HttpResponseHead) => void
}
export interface HttpResponseHead {
  readonly status: number
  /** Lower-case names; repeated headers joined with ", ". */
  readonly headers: Readonly<Record<string, string>>
}
export interface HttpResponse extends HttpResponseHead {
  /** As it was on the wire: decompress with `env.codec` by `content-encoding`. */
  readonly body: Uint8Array
}
export interface GrpcRequest {
  /** `http://host:port` (plaintext) or `https://host:port`. */
  readonly origin: string
  /** `/package.Service/Method`. */
  readonly path: string
  readonly message: Uint8Array
  readonly metadata?: Readonly<Record<string, HeaderValue>>
  readonly compression?: 'none' | 'gzip' | 'zstd' | 'snappy'
  readonly timeoutMs: number
  readonly messageBytesMax: number
  readonly tls?: TlsOptions
  readonly signal?: AbortSignal
}
export interface GrpcResponse {
  /** gRPC status code: 0 is OK. */
  readonly code: number
  readonly details: string
  readonly message: Uint8Array
  /** Milliseconds from `google.rpc.RetryInfo` in `grpc-status-details-bin`, where the server sent it. */
  readonly retryAfterMs?: number
}
export interface HttpClient {
  /** @throws CapabilityError `unreachable`, `timeout`, `too_large`, `aborted`, `denied`, `protocol`. A status is never an error. */
  request(request: HttpRequest): Promise<HttpResponse>
  /** One unary call. A gRPC status is never an error; a broken connection is (`unreachable`). */
  grpc(request: GrpcRequest): Promise<GrpcResponse>
}

export interface ServerRequest {
  readonly method: string
  /** Path with query. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  readonly remoteAddress: string
}
export interface ServerResponse {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
}
export interface ListenOptions {
  /** `host:port`; port 0 takes a free one. */
  readonly address: string
  readonly tls?: TlsOptions & { readonly clientAuth?: boolean }
  readonly bodyBytesMax: number
  /** Requests being handled at once; beyond it the server answers 503 with `Retry-After` (gRPC: RESOURCE_EXHAUSTED). */
  readonly requestsMax: number
}
export interface GrpcReply {
  readonly code: number
  readonly details?: string
  readonly message?: Uint8Array
  /** Sent as `google.rpc.RetryInfo`. */
  readonly retryAfterMs?: number
}
export interface Listener {
  /** The address really bound, `host:port`. */
  readonly address: string
  /** Stops accepting, lets running requests finish within `graceMs`, then closes. */
  close(graceMs?: number): Promise<void>
}
export interface HttpServer {
  listenHttp(options: ListenOptions, handler: (request: ServerRequest) => Promise<ServerResponse>): Promise<Listener>
  /** `methods`: `/package.Service/Method` → handler of one uncompressed unary message. */
  listenGrpc(
    options: ListenOptions,
    methods: Readonly<
      Record<string, (message: Uint8Array, metadata: Readonly<Record<string, string>>) => Promise<GrpcReply>>
    >,
  ): Promise<Listener>
  /**
   * Serves `/api/v0/component/<component id>/<path>` of the collector's own server, and the same path at the internal
   * address that targets of this collector's components carry.
   */
  mount(path: string, handler: (request: ServerRequest) => Promise<ServerResponse>): void
  /** The internal address (`--server.http.memory-addr`), and the base path under which {@link mount} serves. */
  readonly internal: { readonly address: string; readonly basePath: string }
}

// ---------------------------------------------------------------- files
export interface FileStat {
  readonly size: number
  readonly mtimeMs: number
  /** Device and inode as one text: equal for the same file under two names. */
  readonly identity: string
  readonly isDirectory: boolean
}
export interface OpenFile {
  /** Reads into `into`; resolves to the bytes read, 0 at the end of the file. */
  read(into: Uint8Array, position: number): Promise<number>
  /** Of the open file, whatever its name is now. `unlinked` when no name is left. */
  stat(): Promise<FileStat & { readonly unlinked: boolean }>
  close(): Promise<void>
}
export interface FileReader {
  /** @throws CapabilityError `not_found`, `denied`, `too_large`, `io`. */
  read(path: string, options?: { readonly bytesMax?: number }): Promise<Uint8Array>
  readText(path: string, options?: { readonly bytesMax?: number }): Promise<string>
  list(path: string): Promise<readonly string[]>
  stat(path: string): Promise<FileStat | undefined>
  open(path: string): Promise<OpenFile>
  /** Doublestar patterns, as Alloy's `__path__`. Sorted; bounded to `matchesMax` (default 100,000). */
  glob(
    pattern: string,
    options?: { readonly exclude?: string; readonly matchesMax?: number },
  ): Promise<readonly string[]>
  /** Bytes and inodes of the file system that holds `path` (statfs(2)). */
  statfs(path: string): Promise<{
    readonly bsize: number
    readonly blocks: number
    readonly bfree: number
    readonly bavail: number
    readonly files: number
    readonly ffree: number
  }>
  readlink(path: string): Promise<string>
}
export interface FileWatcher {
  /** Calls back (coalesced) when `path` may have changed, until the signal fires. Always poll as well: events can be lost. */
  watch(path: string, onChange: () => void, options: { readonly signal: AbortSignal }): void
}
export interface Variables {
  get(name: string): string | undefined
}

// ---------------------------------------------------------------- durable state
/**
 * Durable state of the component. A replicated component sees the keys of all its instances, those of lanes that no
 * longer run included; each instance writes only keys that it owns.
 */
export interface State {
  get(key: string): string | undefined
  keys(): readonly string[]
  /** Resolves when the value is durable (`fdatasync`, grouped within 50 ms). */
  set(key: string, value: string): Promise<void>
  delete(key: string): Promise<void>
  /** Opens a queue of records on disk; adopts what former lanes left in theirs. */
  queue(name: string, options: QueueOptions): Promise<DurableQueue>
}
export interface QueueOptions {
  readonly bytesMax: number
}
export interface QueuedRecord {
  readonly sequence: number
  readonly data: Uint8Array
  /** Telemetry records (samples, lines, spans) inside, for the ledger. */
  readonly count: number
}
/** First in, first out, in checksummed segment files. After a crash it is cut back to the last whole record; unreadable records are set aside and counted. */
export interface DurableQueue {
  /** Resolves when durable. @throws CapabilityError `full`. */
  append(data: Uint8Array, count: number): Promise<void>
  /** The oldest record not handed out yet; waits for one. */
  next(signal: AbortSignal): Promise<QueuedRecord>
  /** Forgets a record that was handed out. Records may be acknowledged in any order. */
  acknowledge(sequence: number): void
  /** Bytes and telemetry records that are durable and not acknowledged. */
  readonly pending: { readonly bytes: number; readonly records: number; readonly count: number }
  close(): Promise<void>
}

// ---------------------------------------------------------------- work shared between instances
export interface Peers {
  /** Whether this instance owns the key: exactly one instance (lane, and cluster member) does. */
  owns(key: string): boolean
  /** Instances in this process, and the index of this one. */
  readonly lane: { readonly index: number; readonly count: number }
  /** Called when ownership may have moved. */
  onChange(callback: () => void): void
}

// ---------------------------------------------------------------- the host
export interface HostStats {
  readonly platform: string
  readonly hostname: string
  uname(): {
    readonly sysname: string
    readonly release: string
    readonly version: string
    readonly machine: string
    readonly nodename: string
    readonly domainname: string
  }
}
export interface SelfMetrics {
  /** The collector's own metrics in the text exposition format 0.0.4. */
  scrape(): Promise<Uint8Array>
}
