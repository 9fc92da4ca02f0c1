import type { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { LRUCache } from 'lru-cache'
import { Problem } from '../problem.ts'
import { publishVersion } from '../publish/publish-version.ts'
import { parseDigest } from '../publish/receive-upload.ts'
import { authorize } from '../publish/token.ts'
import type { Registry } from '../registry.ts'
import type { TokenRecord } from '../storage/meta/token-store.ts'
import { moduleOf, versionOf } from './module-params.ts'

/** Failed attempts of one address within a minute; beyond them it is not even looked at (registry.md §2.8). */
const failuresMax = 10
const failureWindowMs = 60_000
const addressesMax = 10_000

/** `POST /api/v1/modules/@s/n/versions/<v>`: the body is the packed module. */
export function publishRoutes(app: FastifyInstance, registry: Registry): void {
  const failures = new LRUCache<string, number>({ max: addressesMax, ttl: failureWindowMs, noUpdateTTL: true })
  app.addContentTypeParser(['application/gzip', 'application/octet-stream'], (_request, payload, done) =>
    done(null, payload),
  )

  app.post('/api/v1/modules/@:scope/:name/versions/:version', async (request, reply) => {
    const [module, version] = [moduleOf(request.params), versionOf(request.params)]
    const token = await authorizeCounted(registry, failures, request.ip, request.headers.authorization, module)
    const digest = parseDigest(request.headers['repr-digest'] as string | undefined)
    if (!request.body) throw new Problem('media_type', 'Cannot take the module: want a body of type "application/gzip"')
    const body = request.body as Readable
    const result = await publishVersion(registry, { module, version, digest, body, token, ip: request.ip })
    return reply
      .code(result.created ? 201 : 200)
      .type('application/json')
      .send(result.bundle)
  })
}

async function authorizeCounted(
  registry: Registry,
  failures: LRUCache<string, number>,
  ip: string,
  header: string | undefined,
  module: string,
): Promise<TokenRecord> {
  const failed = failures.get(ip) ?? 0
  if (failed >= failuresMax) {
    throw new Problem('rate_limited', 'Cannot check the token: too many failed attempts from this address', {
      headers: { 'retry-after': String(failureWindowMs / 1000) },
    })
  }
  try {
    return await authorize(registry.meta.tokens, header, module, new Date())
  } catch (error) {
    if (error instanceof Problem) failures.set(ip, failed + 1)
    throw error
  }
}
