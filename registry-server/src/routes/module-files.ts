import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { matchesEntityTag } from '../answers/entity-tag.ts'
import { media, nothing, type App } from '../api/zod-routes.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf, versionParams } from './module-params.ts'
import { allowQuery, wantServed } from './served-version.ts'

/** Paths in archives have at most 200 bytes. */
const pathCharactersMax = 200

/** Whatever a publisher has written is shown as it is, and never run: not even where a browser guesses otherwise. */
const inertHeaders = {
  'content-security-policy': "default-src 'none'; sandbox",
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
} as const

/** `GET /m/@s/n/<v>/files/<path>`: a single file of a version. */
export function moduleFileRoutes(app: App, { meta, files }: Registry): void {
  const schema = {
    summary: 'One file of a version, as plain text where it is text',
    params: versionParams.extend({ '*': z.string().min(1).max(pathCharactersMax) }),
    querystring: allowQuery,
    response: { 200: media('text/plain'), 304: nothing },
  }
  app.get(
    '/m/@:scope/:name/:version/files/*',
    { config: { action: 'module.read' }, schema },
    async ({ params, query, headers }, reply) => {
      const [module, version, path] = [moduleOf(params), params.version, params['*']]
      const found = await meta.versions.find(module, version)
      if (found) wantServed({ module, version, status: found.status }, query)
      const file = found?.files.find((each) => each.path === path)
      const bytes = found && file && (await files.read(found.sha512, path))
      if (!bytes) throw new Problem('not_found', `Cannot find the file "${path}" of "${module}@${version}"`)
      const etag = `"${file.sha256}"`
      reply
        .headers(inertHeaders)
        .header('cache-control', cacheControl.immutable)
        .header('etag', etag)
        .header('repr-digest', `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`)
      if (matchesEntityTag(headers['if-none-match'], etag)) return reply.code(304).send()
      const isText = isUtf8(bytes) && !bytes.includes(0)
      reply.type(isText ? 'text/plain; charset=utf-8' : 'application/octet-stream')
      return reply.send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    },
  )
}
