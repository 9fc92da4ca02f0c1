import { z } from 'zod'
import type { App } from '../../api/zod-routes.ts'
import type { Registry } from '../../registry.ts'
import { moduleOf, versionParams } from '../../routes/module-params.ts'
import { smallPage } from '../account/sign-in-pages.ts'
import { askApi } from '../forms/ask-api.ts'
import { html } from '../html.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { readModule } from './read-module.ts'

const body = z.object({ reason: z.string().max(500), do: z.enum(['yank', 'unyank']) })

/** `/@s/n/<v>/withdraw`: takes a version out of new resolution, and back. */
export function withdrawRoutes(app: App, registry: Registry): void {
  const config = { action: 'version.yank' } as const
  const look = { ...pageSchema('withdraws a version'), params: versionParams }
  app.get('/@:scope/:name/:version/withdraw', { config, schema: look }, async ({ params }, reply) => {
    const { name, line } = await readModule(registry, moduleOf(params), params.version)
    const change = line.status === 'yanked' ? 'unyank' : 'yank'
    const form = html`<form class="fields-form card" method="post">
      <p>
        ${change === 'yank' ? 'Nobody who has not pinned it gets this version any more. Those who have go on.' : 'The version may be chosen again.'}
      </p>
      <label>Reason, for everybody to read <input name="reason" required maxlength="500" /></label>
      <button name="do" value="${change}">${change === 'yank' ? 'Yank it' : 'Take the yank back'}</button>
    </form>`
    return sendPage(reply, smallPage(`${name} ${line.v}`, undefined, form), 'no-store')
  })
  const write = { ...pageSchema('withdraws a version'), params: versionParams, body }
  app.post('/@:scope/:name/:version/withdraw', { config, schema: write }, async (request, reply) => {
    const module = moduleOf(request.params)
    const { reason, do: change } = request.body
    const path = `/api/v1/modules/${module}/versions/${request.params.version}/${change}`
    await askApi(request, 'POST', path, { reason })
    return reply.redirect(`/${module}/${request.params.version}`, 303)
  })
}
