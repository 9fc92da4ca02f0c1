import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { isHidden } from './access/actions.ts'
import { guardRoutes } from './access/guard-routes.ts'
import { openApiRoutes } from './api/openapi-routes.ts'
import { zodRoutes } from './api/zod-routes.ts'
import { idempotentRequests } from './idempotency/idempotent-requests.ts'
import { Problem } from './problem.ts'
import type { Registry } from './registry.ts'
import { accountRoutes } from './routes/accounts/account.ts'
import { deviceRoutes } from './routes/accounts/device.ts'
import { factorRoutes } from './routes/accounts/factors.ts'
import { passkeyRoutes } from './routes/accounts/passkeys.ts'
import { sessionRoutes } from './routes/accounts/sessions.ts'
import { tokenRoutes } from './routes/accounts/tokens.ts'
import { advisoryRoutes } from './routes/advisories.ts'
import { auditRoutes } from './routes/audit.ts'
import { blobRoutes } from './routes/blobs.ts'
import { diffRoutes } from './routes/diff.ts'
import { discoveryRoutes } from './routes/discovery.ts'
import { downloadRoutes } from './routes/downloads.ts'
import { eventRoutes } from './routes/events.ts'
import { feedRoutes } from './routes/feeds.ts'
import { indexRoutes } from './routes/index-lines.ts'
import { lifecycleRoutes } from './routes/lifecycle.ts'
import { logRoutes } from './routes/log.ts'
import { mirrorRoutes } from './routes/mirror.ts'
import { moduleDocumentRoutes } from './routes/module-documents.ts'
import { moduleFileRoutes } from './routes/module-files.ts'
import { moduleLogRoutes } from './routes/module-log.ts'
import { moduleSummaryRoutes } from './routes/module-summary.ts'
import { publishRoutes } from './routes/publish.ts'
import { memberRoutes } from './routes/scopes/members.ts'
import { proofRoutes } from './routes/scopes/proofs.ts'
import { scopeRoutes } from './routes/scopes/scopes.ts'
import { reportRoutes } from './routes/reports.ts'
import { renovateRoutes } from './routes/renovate.ts'
import { searchRoutes } from './routes/search.ts'
import { stageRoutes } from './routes/stages.ts'
import { trustedPublisherRoutes } from './routes/trusted-publishers.ts'
import { webhookRoutes } from './routes/webhooks.ts'
import { isStorageFailure } from './storage/storage-failure.ts'
import { pageRoutes, sendProblemPage } from './web/page-routes.ts'

/** Slower clients are let go. */
const requestTimeoutMs = 120_000
/** Of bodies that no route reads as a stream: there are none that are large. */
const bodyBytesMax = 64 * 2 ** 10

/** Room for a SHA-512 in hexadecimal. */
const parameterCharactersMax = 200

export interface ServerOptions {
  /** Called with what no client is told: failures of the server itself. */
  readonly onError?: (error: unknown) => void
  /**
   * Addresses and networks of reverse proxies. What they say of a client's address (`x-forwarded-for`) is believed, so
   * that bounds of one address are not those of everybody behind the proxy; of anybody else it is not.
   */
  readonly trustedProxies?: readonly string[]
}

/** The registry as an HTTP server, not yet listening. */
export function createServer(registry: Registry, options: ServerOptions = {}): FastifyInstance {
  const app = fastify({
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    forceCloseConnections: true,
    trustProxy: options.trustedProxies?.length ? [...options.trustedProxies] : false,
    routerOptions: { maxParamLength: parameterCharactersMax },
    frameworkErrors: (error, request, reply) => void sendProblem(request, reply, asProblem(error, options)),
  })
  app.setErrorHandler((error, request, reply) =>
    sendProblem(request, reply, withoutNames(request, asProblem(error, options))),
  )
  app.setNotFoundHandler((request, reply) =>
    sendProblem(request, reply, new Problem('not_found', `Cannot find "${request.url}"`)),
  )
  app.addHook('onSend', async (_request, reply) => {
    reply.header('x-content-type-options', 'nosniff')
  })
  guardRoutes(app, registry)
  idempotentRequests(app, registry)
  const routes = [
    openApiRoutes,
    discoveryRoutes,
    indexRoutes,
    blobRoutes,
    moduleDocumentRoutes,
    moduleFileRoutes,
    diffRoutes,
    logRoutes,
    mirrorRoutes,
    renovateRoutes,
    eventRoutes,
    searchRoutes,
    publishRoutes,
    sessionRoutes,
    accountRoutes,
    factorRoutes,
    passkeyRoutes,
    deviceRoutes,
    tokenRoutes,
    scopeRoutes,
    memberRoutes,
    proofRoutes,
    trustedPublisherRoutes,
    lifecycleRoutes,
    stageRoutes,
    advisoryRoutes,
    feedRoutes,
    auditRoutes,
    downloadRoutes,
    webhookRoutes,
    reportRoutes,
    moduleSummaryRoutes,
    moduleLogRoutes,
    pageRoutes,
  ]
  const typed = zodRoutes(app)
  for (const add of routes) add(typed, registry)
  return app
}

function sendProblem(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const isForm = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
  const forPeople = (request.method === 'GET' || isForm) && (request.headers.accept ?? '').includes('text/html')
  if (forPeople) return sendProblemPage(request, reply, problem)
  // An upload that was refused half-way is not read to its end only to keep the connection.
  if (problem.status === 413 || problem.status === 503) reply.header('connection', 'close')
  return reply.code(problem.status).headers(problem.headers).type('application/problem+json').send(problem.document())
}

/** What is hidden and what is not there get the same answer to the letter, whatever part of the server has noticed. */
function withoutNames(request: FastifyRequest, problem: Problem): Problem {
  if (problem.code !== 'not_found') return problem
  const { action } = request.routeOptions.config
  if (action !== undefined && isHidden(action)) return new Problem('not_found', `Cannot find "${request.url}"`)
  const { scope } = (request.params ?? {}) as { scope?: string }
  if (scope === undefined) return problem
  return new Problem('not_found', `Cannot find "${request.url}": there is none, or none that you may see`)
}

function asProblem(error: unknown, options: ServerOptions): Problem {
  if (error instanceof Problem) return error
  const { statusCode, code, message } = error as { statusCode?: number; code?: string; message?: string }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new Problem('media_type', 'Cannot take the module: want a body of type "application/gzip"')
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new Problem(statusCode === 413 ? 'too_large' : 'request_invalid', `Cannot read the request: ${message}`)
  }
  options.onError?.(error)
  if (isStorageFailure(error)) {
    return new Problem('unavailable', 'Cannot answer now: the storage of the registry has failed', {
      headers: { 'retry-after': '5' },
    })
  }
  return new Problem('internal', 'Cannot answer: the server failed')
}
