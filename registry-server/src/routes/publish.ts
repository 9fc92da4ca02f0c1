import type { Readable } from 'node:stream'
import { scopeOf, stagedAnswer } from '@ingot/manifest'
import { z } from 'zod'
import { media, type App } from '../api/zod-routes.ts'
import { takeLimit } from '../limits/limits.ts'
import { Problem } from '../problem.ts'
import type { Principal } from '../access/principal.ts'
import { publishVersion } from '../publish/publish-version.ts'
import { parseDigest } from '../publish/receive-upload.ts'
import type { Registry } from '../registry.ts'
import { moduleOf, versionParams } from './module-params.ts'

/** `?stage=1`: it waits for people. `?dryRun=1`: it is only checked. */
const flag = z
  .enum(['0', '1'])
  .default('0')
  .transform((text) => text === '1')
const publishQuery = z.object({ stage: flag, dryRun: flag })

/** `POST /api/v1/modules/@s/n/versions/<v>`: the body is the packed module. */
export function publishRoutes(app: App, registry: Registry): void {
  app.addContentTypeParser(['application/gzip', 'application/octet-stream'], (_request, payload, done) =>
    done(null, payload),
  )
  const schema = {
    summary: 'Publishes a version: the packed module, with the header Repr-Digest',
    params: versionParams,
    querystring: publishQuery,
    body: media('application/gzip'),
    response: { 200: media('application/json'), 201: media('application/json'), 202: stagedAnswer },
  }
  app.post(
    '/api/v1/modules/@:scope/:name/versions/:version',
    { config: { action: 'version.publish' }, schema },
    async (request, reply) => {
      const { version } = request.params
      const digest = parseDigest(request.headers['repr-digest'] as string | undefined)
      if (!request.body)
        throw new Problem('media_type', 'Cannot take the module: want a body of type "application/gzip"')
      await wantAllowed(registry, request.principal, moduleOf(request.params), digest)
      const isNew = (await registry.meta.log.lastOf(moduleOf(request.params))) === undefined
      await takeLimit(registry, isNew ? 'new_module' : 'version', request.principal, reply)
      const result = await publishVersion(registry, {
        module: moduleOf(request.params),
        version,
        digest,
        body: request.body as Readable,
        principal: request.principal,
        ip: request.ip,
        ...request.query,
      })
      if (result.kind === 'staged') return reply.code(202).send({ stageId: result.stageId, reasons: result.reasons })
      if (result.kind === 'checked') {
        const { reasons, increase } = result
        return reply.send({ dryRun: true, reasons, capabilityIncrease: increase })
      }
      return reply
        .code(result.created ? 201 : 200)
        .type('application/json')
        .send(result.bundle)
    },
  )
}

/** @throws Problem when the content is not the one that a workflow was trusted with, or the scope takes only workflows. */
async function wantAllowed({ meta }: Registry, principal: Principal, module: string, digest: string): Promise<void> {
  if (principal.kind === 'workflow') {
    if (principal.grant.sha512 === digest) return
    const wanted = principal.grant.sha512
    throw new Problem('token_scope', `Cannot publish sha512 ${digest} with this token: it is for sha512 ${wanted}`)
  }
  const policy = (await meta.scopes.find(scopeOf(module)))?.policy
  if (!policy?.trustedPublisherOnly) return
  throw new Problem(
    'policy_ci_only',
    `Cannot publish "${module}" like this: ${scopeOf(module)} takes it from trusted workflows`,
    {
      hint: 'publish from a workflow that is trusted: POST /api/v1/oidc/exchange gives it a token',
    },
  )
}
