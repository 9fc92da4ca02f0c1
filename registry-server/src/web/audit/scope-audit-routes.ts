import { nameLabel } from '@ingot/manifest'
import { z } from 'zod'
import type { App } from '../../api/zod-routes.ts'
import type { Registry } from '../../registry.ts'
import { html } from '../html.ts'
import { page } from '../layout.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { auditTrail } from './audit-trail.ts'
import { auditPageQuery, readAudit } from './read-audit.ts'

/** `/@s/audit`: who did what in a scope, for its owners. */
export function scopeAuditRoutes(app: App, { meta }: Registry): void {
  const schema = {
    ...pageSchema('who did what in a scope'),
    params: z.object({ scope: nameLabel }),
    querystring: auditPageQuery,
  }
  app.get('/@:scope/audit', { config: { action: 'audit.read' }, schema }, async ({ params, query }, reply) => {
    const scope = `@${params.scope}`
    const { before: _, ...form } = query
    const trail = auditTrail({
      path: `/${scope}/audit`,
      exportPath: `/api/v1/scopes/${scope}/audit`,
      form,
      ofAll: false,
      ...(await readAudit(meta, { ...query, scope })),
    })
    const text = page({
      title: `Audit trail of ${scope} · Ingot registry`,
      description: `Who did what in ${scope}.`,
      search: true,
      body: html`<div class="head">
          <p class="small"><a href="/${scope}">${scope}</a></p>
          <h1>Audit trail</h1>
        </div>
        <div class="stack">${trail}</div>`,
    })
    return sendPage(reply, text, 'no-store')
  })
}
