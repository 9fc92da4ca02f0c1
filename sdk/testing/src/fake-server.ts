import type { GrpcReply, HttpServer, Listener, ListenOptions, ServerRequest, ServerResponse } from '@ingot/sdk'

type HttpHandler = (request: ServerRequest) => Promise<ServerResponse>
type GrpcHandler = (message: Uint8Array, metadata: Readonly<Record<string, string>>) => Promise<GrpcReply>

/** Listeners without sockets: the test is the client. */
export class FakeServer implements HttpServer {
  readonly internal = { address: 'alloy.internal:12345', basePath: '/api/v0/component/test/' }
  readonly #http = new Map<string, HttpHandler>()
  readonly #grpc = new Map<string, Readonly<Record<string, GrpcHandler>>>()
  readonly #mounts = new Map<string, HttpHandler>()
  #port = 40_000

  // ------------------------------------------------------------ the test's side
  /** Sends a request to the listener at `address`, or to the only one. */
  async request(request: Partial<ServerRequest> & { readonly url: string }, address?: string): Promise<ServerResponse> {
    return this.#ask(only(this.#http, address), request)
  }

  async call(
    method: string,
    message: Uint8Array,
    metadata: Readonly<Record<string, string>> = {},
    address?: string,
  ): Promise<GrpcReply> {
    const handler = only(this.#grpc, address)[method]
    return handler ? handler(message, metadata) : { code: 12, details: 'unknown method' }
  }

  /** Sends a request to a mounted path. */
  async requestMounted(path: string, request: Partial<ServerRequest> = {}): Promise<ServerResponse> {
    const handler = this.#mounts.get(path)
    if (!handler) throw new Error(`Cannot request "${path}": nothing is mounted there`)
    return this.#ask(handler, { url: this.internal.basePath + path, ...request })
  }

  get listeners(): number {
    return this.#http.size + this.#grpc.size
  }

  // ------------------------------------------------------------ the component's side
  async listenHttp(options: ListenOptions, handler: HttpHandler): Promise<Listener> {
    return this.#listen(this.#http, options, handler)
  }

  async listenGrpc(options: ListenOptions, methods: Readonly<Record<string, GrpcHandler>>): Promise<Listener> {
    return this.#listen(this.#grpc, options, methods)
  }

  mount(path: string, handler: HttpHandler): void {
    this.#mounts.set(path, handler)
  }

  #listen<T>(into: Map<string, T>, options: ListenOptions, handler: T): Listener {
    const address = options.address.replace(/:0$/, () => `:${++this.#port}`)
    into.set(address, handler)
    return {
      address,
      close: async () => {
        into.delete(address)
      },
    }
  }

  #ask(handler: HttpHandler, request: Partial<ServerRequest> & { readonly url: string }): Promise<ServerResponse> {
    return handler({ method: 'GET', headers: {}, body: new Uint8Array(), remoteAddress: '192.0.2.1', ...request })
  }
}

function only<T>(from: ReadonlyMap<string, T>, address: string | undefined): T {
  const found = address === undefined ? [...from.values()] : [from.get(address)].filter((one) => one !== undefined)
  if (found.length !== 1)
    throw new Error(
      `Cannot send a request: ${found.length} listeners${address === undefined ? '' : ` at ${address}`}, one is wanted`,
    )
  return found[0]!
}
