import { capabilityDocument, moduleKey } from '@ingot/manifest'
import { integrityOfHex } from '@ingot/trust'
import { media, type App } from '../api/zod-routes.ts'
import type { z } from 'zod'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { VersionDetail } from '../storage/meta/version-store.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf, versionParams } from './module-params.ts'
import { allowQuery, wantServed } from './served-version.ts'

/** `GET /m/@s/n/<v>/…`: what there is to know about one version, forever the same. */
export function moduleDocumentRoutes(app: App, registry: Registry): void {
  const find = async (params: z.infer<typeof versionParams>): Promise<VersionDetail> => {
    const [module, version] = [moduleOf(params), params.version]
    const found = await registry.meta.versions.find(module, version)
    if (!found) throw new Problem('not_found', `Cannot find "${moduleKey(module, version)}"`)
    return found
  }
  const config = { action: 'module.read' } as const
  const response = { 200: media('application/json') }
  const manifest = {
    summary: 'The manifest of a version, its files and capabilities',
    params: versionParams,
    querystring: allowQuery,
    response,
  }
  app.get('/m/@:scope/:name/:version/manifest.json', { config, schema: manifest }, async (request, reply) => {
    const found = await find(request.params)
    const { manifest, manifestIntegrity, sha512, files } = found
    wantServed({ module: manifest.name, version: found.version, status: found.status }, request.query)
    return reply.header('cache-control', cacheControl.immutable).send({
      manifest,
      manifestIntegrity,
      integrity: integrityOfHex('sha512', sha512),
      capabilities: capabilityDocument(manifest),
      files: files.map(({ path, sha256, sizeBytes }) => ({ path, sha256, size: sizeBytes })),
    })
  })
  const bundle = {
    summary: 'The signed statement about a version and its place in the log',
    params: versionParams,
    response,
  }
  app.get('/m/@:scope/:name/:version/bundle.json', { config, schema: bundle }, async (request, reply) => {
    const { bundle } = await find(request.params)
    return reply.header('cache-control', cacheControl.immutable).type('application/json').send(bundle)
  })
}
