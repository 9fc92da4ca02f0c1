import { reportKind } from '@ingot/manifest'
import { z } from 'zod'
import type { App } from '../../api/zod-routes.ts'
import type { Registry } from '../../registry.ts'
import { moduleOf, moduleParams } from '../../routes/module-params.ts'
import { smallPage } from '../account/sign-in-pages.ts'
import { askApi } from '../forms/ask-api.ts'
import { html, type Html } from '../html.ts'
import { readModule } from '../module/read-module.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'

const kindTexts: Readonly<Record<z.infer<typeof reportKind>, string>> = {
  malware: 'It does harm, or hides what it does',
  typosquat: 'It pretends to be another module',
  abuse: 'Something else that should not be here',
}

const filled = z
  .string()
  .max(4_000)
  .transform((text) => text.trim())
/** An empty field is one that was left out. */
const optional = filled.transform((text) => (text === '' ? undefined : text)).optional()
const body = z.object({
  kind: reportKind,
  version: optional,
  path: optional,
  line: z.preprocess((text) => (text === '' ? undefined : text), z.coerce.number().int().optional()),
  message: filled,
})

/** `/@s/n/report`: tells those who run the registry of a module that does harm. */
export function reportPageRoutes(app: App, registry: Registry): void {
  const config = { action: 'module.read' } as const
  const look = { ...pageSchema('reports a module'), params: moduleParams }
  app.get('/@:scope/:name/report', { config, schema: look }, async ({ params }, reply) => {
    const { name, lines, shown } = await readModule(registry, moduleOf(params), undefined)
    const versions = lines.map(({ v }) => v)
    return sendPage(reply, smallPage(`Report ${name}`, undefined, form(name, versions, shown.version)), 'no-store')
  })
  const write = { ...pageSchema('reports a module'), params: moduleParams, body }
  app.post('/@:scope/:name/report', { config, schema: write }, async (request, reply) => {
    const module = moduleOf(request.params)
    const given = Object.entries({ ...request.body, module }).filter(([, value]) => value !== undefined)
    await askApi(request, 'POST', '/api/v1/reports', Object.fromEntries(given))
    const thanks = html`<div class="card fields-form">
      <p>Those who run this registry will look at it. Thank you.</p>
      <p><a href="/${module}">Back to ${module}</a></p>
    </div>`
    return sendPage(reply, smallPage('Reported', undefined, thanks), 'no-store')
  })
}

function form(module: string, versions: readonly string[], shown: string): Html {
  return html`<form class="fields-form card" method="post" action="/${module}/report">
    <fieldset>
      <legend>What is wrong</legend>
      ${reportKind.options.map((kind, at) => html`<label class="facet"><input type="radio" name="kind" value="${kind}" required ${at === 0 && html`checked`} /> ${kindTexts[kind]}</label>`)}
    </fieldset>
    <label
      >Version
      <select name="version">
        <option value="">all of them</option>
        ${versions.map((version) => html`<option ${version === shown && html`selected`}>${version}</option>`)}
      </select></label
    >
    <label>File, where it is to be seen <input name="path" maxlength="200" placeholder="components/main.mjs" /></label>
    <label>Line <input type="number" name="line" min="1" inputmode="numeric" /></label>
    <label
      >What you have seen <textarea name="message" required minlength="10" maxlength="4000" rows="6"></textarea>
    </label>
    <button>Report it</button>
    <p class="small faint">Those who run the registry read this; the module's owners do not.</p>
  </form>`
}
