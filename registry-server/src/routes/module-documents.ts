import { capabilityDocument, moduleKey } from '@ingot/manifest'
import { integrityOfHex } from '@ingot/trust'
import type { FastifyInstance } from 'fastify'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { VersionDetail } from '../storage/meta/version-store.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf, versionOf } from './module-params.ts'

/** `GET /m/@s/n/<v>/…`: what there is to know about one version, forever the same. */
export function moduleDocumentRoutes(app: FastifyInstance, registry: Registry): void {
  const find = async (params: unknown): Promise<VersionDetail> => {
    const [module, version] = [moduleOf(params), versionOf(params)]
    const found = await registry.meta.versions.find(module, version)
    if (!found) throw new Problem('not_found', `Cannot find "${moduleKey(module, version)}"`)
    return found
  }
  app.get('/m/@:scope/:name/:version/manifest.json', async (request, reply) => {
    const { manifest, manifestIntegrity, sha512, files } = await find(request.params)
    return reply.header('cache-control', cacheControl.immutable).send({
      manifest,
      manifestIntegrity,
      integrity: integrityOfHex('sha512', sha512),
      capabilities: capabilityDocument(manifest),
      files: files.map(({ path, sha256, sizeBytes }) => ({ path, sha256, size: sizeBytes })),
    })
  })
  app.get('/m/@:scope/:name/:version/bundle.json', async (request, reply) => {
    const { bundle } = await find(request.params)
    return reply.header('cache-control', cacheControl.immutable).type('application/json').send(bundle)
  })
}
