import { moduleVersion, versionDiff, type VersionDiffAnswer } from '@ingot/manifest'
import { z } from 'zod'
import type { App } from '../api/zod-routes.ts'
import { diffVersions, type FileChange } from '../diff/diff-versions.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import type { VersionDetail } from '../storage/meta/version-store.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf, moduleParams } from './module-params.ts'
import { wantServed } from './served-version.ts'

const rangeQuery = z.object({ from: moduleVersion, to: moduleVersion })

/** `GET /api/v1/diff/@s/n?from=&to=`: what is different between two versions, for programs. */
export function diffRoutes(app: App, { meta }: Registry): void {
  const schema = {
    summary: 'What is different between two versions: capabilities, schema, dependencies and files',
    params: moduleParams,
    querystring: rangeQuery,
    response: { 200: versionDiff },
  }
  const find = async (module: string, version: string): Promise<VersionDetail> => {
    const found = await meta.versions.find(module, version)
    if (!found) throw new Problem('not_found', `Cannot compare "${module}@${version}": there is no such version`)
    // Whoever looks into what is in quarantine wants to know what has changed.
    wantServed({ module, version, status: found.status }, { allow: 'quarantined' })
    return found
  }
  app.get(
    '/api/v1/diff/@:scope/:name',
    { config: { action: 'module.read' }, schema },
    async ({ params, query }, reply) => {
      const module = moduleOf(params)
      const [from, to] = [await find(module, query.from), await find(module, query.to)]
      const { files, dependencies, ...rest } = diffVersions(from, to)
      return reply.header('cache-control', cacheControl.index).send({
        module,
        from: query.from,
        to: query.to,
        ...rest,
        dependencies: dependencies.map((each) => ({ ...each, from: each.from ?? null, to: each.to ?? null })),
        files: files.map((each) => ({ path: each.path, from: fileOf(each.from), to: fileOf(each.to) })),
      } satisfies Record<keyof VersionDiffAnswer, unknown>)
    },
  )
}

function fileOf(file: FileChange['from']): VersionDiffAnswer['files'][number]['from'] {
  return file ? { sha256: file.sha256, size: file.sizeBytes } : null
}
