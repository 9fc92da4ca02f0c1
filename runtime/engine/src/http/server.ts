import fastify, { type FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import type { Server as TlsServer } from 'node:tls'
import { compressAnswers } from './compress.ts'
import { componentJson, componentDetailJson } from './component-json.ts'
import { isAuthorized, type HttpSettings } from './http-settings.ts'
import { instanceJson } from './instance-json.ts'
import { registerPages } from '../ui/pages.ts'
import { answerRecording, type RecordingQuery } from './answer-recording.ts'
import type { CollectorView } from './view.ts'

/** A request body that a component's handler may be sent. */
const bodyBytesMax = 16 * 2 ** 20
const requestTimeoutMs = 30_000

/** The collector's own server: probes, metrics, reload, the API that Alloy's tools know, and the pages. */
export class AdminServer {
  readonly #app: FastifyInstance
  #settings: HttpSettings

  /** @param uiPathPrefix `--server.http.ui-path-prefix` */
  constructor(view: CollectorView, uiPathPrefix: string, settings: HttpSettings) {
    this.#settings = settings
    this.#app = fastify({
      bodyLimit: bodyBytesMax,
      requestTimeout: requestTimeoutMs,
      forceCloseConnections: true,
      routerOptions: { ignoreTrailingSlash: true },
      https: settings.tls ?? null,
    }) as unknown as FastifyInstance
    this.#app.removeAllContentTypeParsers()
    this.#app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    this.#app.addHook('onRequest', async (request, reply) => {
      const { auth } = this.#settings
      if (!auth || isAuthorized(auth, request.url.split('?')[0]!, request.headers.authorization)) return
      await reply.code(401).header('www-authenticate', 'Basic realm="Restricted"').send('Unauthorized\n')
    })
    compressAnswers(this.#app)
    registerProbes(this.#app, view)
    registerComponentHandlers(this.#app, view)
    const prefix = uiPathPrefix.replace(/\/+$/, '')
    void this.#app.register(
      async (app) => {
        registerApi(app, view, prefix)
        registerPages(app, view, prefix)
      },
      { prefix },
    )
  }

  /** Takes new credentials and certificates at once. @returns false when HTTPS was switched on or off, which needs a restart */
  reconfigure(settings: HttpSettings): boolean {
    const same = (settings.tls === undefined) === (this.#settings.tls === undefined)
    this.#settings = settings
    if (settings.tls && same) (this.#app.server as unknown as TlsServer).setSecureContext(settings.tls)
    return same
  }

  /** Resolves to the address really bound. */
  async listen(address: string): Promise<string> {
    const { host, port } = splitAddress(address)
    await this.#app.listen({ host, port })
    const bound = this.#app.server.address() as AddressInfo
    return bound.family === 'IPv6' ? `[${bound.address}]:${bound.port}` : `${bound.address}:${bound.port}`
  }

  async close(): Promise<void> {
    await this.#app.close()
  }
}

function registerProbes(app: FastifyInstance, view: CollectorView): void {
  app.get('/-/ready', async (_request, reply) =>
    view.ready ? reply.send('Ingot is ready.\n') : reply.code(503).send('Ingot is not ready.\n'),
  )
  app.get('/-/healthy', async (_request, reply) => {
    const unhealthy = view.unhealthyComponents()
    if (unhealthy.length === 0) return reply.send('All Ingot components are healthy.\n')
    return reply.code(500).send(`unhealthy components: ${unhealthy.join(', ')}`)
  })
  app.route({
    method: ['GET', 'POST'],
    url: '/-/reload',
    // Asking for the head of an answer must not reload anything.
    exposeHeadRoute: false,
    handler: async (_request, reply) => {
      const { ok, text } = await view.reload()
      return reply
        .code(ok ? 200 : 400)
        .type('text/plain; charset=utf-8')
        .send(text)
    },
  })
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await view.metrics()),
  )
}

function registerApi(app: FastifyInstance, view: CollectorView, prefix: string): void {
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'))
  app.get('/api/v0/web/components', async () => view.components('').map(componentJson))
  app.get<{ Params: { '*': string } }>('/api/v0/web/components/*', async (request, reply) => {
    const detail = await view.component(request.params['*'])
    return detail
      ? componentDetailJson(detail)
      : reply.code(404).send(`component "${request.params['*']}" does not exist\n`)
  })
  app.get<{ Params: { '*': string } }>('/api/v0/web/modules/*', async (request, reply) => {
    const found = /^(.+)\/components$/.exec(request.params['*'])
    if (!found) return reply.code(404).send('not found\n')
    if (!view.hasModule(found[1]!)) return reply.code(500).send(`module "${found[1]}" not found\n`)
    return view.components(found[1]!).map(componentJson)
  })
  app.get<{ Params: { '*': string } }>('/api/v0/ingot/components/*', async (request, reply) => {
    const detail = await view.component(request.params['*'])
    return detail ? instanceJson(detail) : reply.code(404).send(`component "${request.params['*']}" does not exist\n`)
  })
  app.post<{ Params: { '*': string } }>('/api/v0/ingot/components/*', async (request, reply) => {
    const id = /^(.+)\/resume$/.exec(request.params['*'])?.[1]
    const resumed = id === undefined ? undefined : await view.resume(id)
    if (resumed === undefined) return reply.code(404).send('no such component\n')
    if (!resumed) return reply.code(409).send('the module is not quarantined\n')
    const fromPage = request.headers.accept?.includes('text/html') === true
    return fromPage ? reply.redirect(`${prefix}/component/${id}`, 303) : reply.send('the module is started again\n')
  })
  app.post<{ Params: { '*': string }; Querystring: RecordingQuery }>('/api/v0/ingot/recordings/*', (request, reply) =>
    answerRecording(view, request, reply),
  )
  app.get('/api/v0/ingot/live', async () => view.live())
}

/** Paths that components have mounted: the metrics of exporters, among others. */
function registerComponentHandlers(app: FastifyInstance, view: CollectorView): void {
  app.all<{ Params: { '*': string } }>('/api/v0/component/*', async (request, reply) => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
    const response = await view.serveComponent(request.params['*'], {
      method: request.method,
      query: request.raw.url!.split('?')[1] ?? '',
      headers,
      body: (request.body as Buffer | undefined) ?? new Uint8Array(),
      remoteAddress: request.ip,
    })
    if (!response) return reply.code(404).send('no component serves this path\n')
    return reply.code(response.status).headers(response.headers).send(Buffer.from(response.body))
  })
}

function splitAddress(address: string): { host: string; port: number } {
  const found = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(address)
  if (!found) throw new Error(`Cannot listen on "${address}": want host:port`)
  return { host: found[1] ?? (found[2] || '0.0.0.0'), port: Number(found[3]) }
}
