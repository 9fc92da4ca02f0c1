import { nameLabel } from '@ingot/manifest'
import { buffer } from 'node:stream/consumers'
import { z } from 'zod'
import type { App } from '../../api/zod-routes.ts'
import { diffFiles } from '../../diff/diff-files.ts'
import { diffVersions } from '../../diff/diff-versions.ts'
import { Problem } from '../../problem.ts'
import { inspectModule } from '../../publish/inspect-module.ts'
import type { Registry } from '../../registry.ts'
import { moduleOf, moduleParams } from '../../routes/module-params.ts'
import { newestVersion } from '../../storage/meta/newest-version.ts'
import type { StageRecord } from '../../storage/meta/stage-store.ts'
import { askApi } from '../forms/ask-api.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { stagePage, stagesPage, type StageContent } from './stages-page.ts'

const stageParams = moduleParams.extend({ id: z.uuid() })
const decisionBody = z.object({ sha512: z.string().max(128), do: z.enum(['approve', 'reject']) })

/** Versions that wait for people, and what people decide. */
export function stagePageRoutes(app: App, registry: Registry): void {
  const { meta } = registry
  const config = { action: 'stage.read' } as const
  const list = { ...pageSchema('versions of a scope that wait'), params: z.object({ scope: nameLabel }) }
  app.get('/@:scope/stages', { config, schema: list }, async ({ params }, reply) => {
    const scope = `@${params.scope}`
    return sendPage(reply, stagesPage(scope, await meta.stages.open(scope)), 'no-store')
  })
  const one = { ...pageSchema('a version that waits'), params: stageParams }
  app.get('/@:scope/:name/stages/:id', { config, schema: one }, async ({ params }, reply) => {
    const stage = await meta.stages.find(params.id)
    if (stage?.module !== moduleOf(params)) throw new Problem('not_found', 'Cannot find the stage')
    return sendPage(reply, stagePage(await readStage(registry, stage)), 'no-store')
  })
  const decide = { ...pageSchema('decides about a version that waits'), params: stageParams, body: decisionBody }
  app.post(
    '/@:scope/:name/stages/:id',
    { config: { action: 'stage.decide' }, schema: decide },
    async (request, reply) => {
      const module = moduleOf(request.params)
      const path = `/api/v1/modules/${module}/stages/${request.params.id}`
      const { do: decision, sha512 } = request.body
      if (decision === 'reject') await askApi(request, 'DELETE', path)
      else {
        const { status } = await askApi(request, 'POST', `${path}/approve`, { sha512 })
        if (status === 201) return reply.redirect(`/${module}/versions`, 303)
      }
      return reply.redirect(`/@${request.params.scope}/stages`, 303)
    },
  )
}

/** What would change: the bytes that wait against the newest version. */
async function readStage({ meta, blobs, gate, files }: Registry, stage: StageRecord): Promise<StageContent> {
  const newest = newestVersion(await meta.versions.list(stage.module))
  const before = newest && (await meta.versions.find(stage.module, newest.version))
  const blob = await blobs.read(stage.sha512)
  if (!blob) throw new Problem('not_found', 'Cannot find the content of the stage')
  const after = await gate.run(async () => inspectModule(await buffer(blob.content)))
  const nothing = { manifest: { ...after.manifest, components: [], dependencies: {} }, files: [] }
  const diff = diffVersions(before ?? nothing, after)
  const lines = await diffFiles(files, diff.files, { from: before?.sha512, to: stage.sha512 })
  return { stage, from: before?.version, diff, lines }
}
