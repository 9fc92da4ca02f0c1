import { moduleVersion } from '@ingot/manifest'
import { z } from 'zod'
import type { App } from '../../api/zod-routes.ts'
import { diffFiles } from '../../diff/diff-files.ts'
import { diffVersions } from '../../diff/diff-versions.ts'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import { moduleOf, moduleParams } from '../../routes/module-params.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { diffPage } from './diff-page.ts'

const rangeParams = moduleParams.extend({ range: z.string() })
const rangeQuery = z.object({ from: moduleVersion, to: moduleVersion })

/** `/@s/n/diff/a...b`, and the form that leads there. */
export function diffRoutes(app: App, { meta, files }: Registry): void {
  const config = { action: 'module.read' } as const
  const form = {
    ...pageSchema('leads to the difference of two versions'),
    params: moduleParams,
    querystring: rangeQuery,
  }
  app.get('/@:scope/:name/diff', { config, schema: form }, (request, reply) =>
    reply.redirect(`/${moduleOf(request.params)}/diff/${request.query.from}...${request.query.to}`, 303),
  )
  const schema = { ...pageSchema('what is different between two versions'), params: rangeParams }
  app.get('/@:scope/:name/diff/:range', { config, schema }, async ({ params }, reply) => {
    const name = moduleOf(params)
    const parsed = rangeQuery.safeParse(rangeOf(params.range))
    if (!parsed.success)
      throw new Problem('not_found', 'Cannot compare that: want two versions, such as "1.0.0...1.1.0"')
    const { from, to } = parsed.data
    const [before, after] = await Promise.all([meta.versions.find(name, from), meta.versions.find(name, to)])
    if (!before || !after) throw new Problem('not_found', `Cannot find ${name} ${before ? to : from}`)
    const diff = diffVersions(before, after)
    const lines = await diffFiles(files, diff.files, { from: before.sha512, to: after.sha512 })
    return sendPage(reply, diffPage({ name, from, to, diff, lines }))
  })
}

function rangeOf(text: string): { from: string | undefined; to: string | undefined } {
  const [from, to] = text.split('...')
  return { from, to }
}
