import { z } from 'zod'
import type { Principal } from '../../access/principal.ts'
import { sightOf } from '../../access/sight.ts'
import type { App } from '../../api/zod-routes.ts'
import type { Registry } from '../../registry.ts'
import { moduleOf, moduleParams, versionParams } from '../../routes/module-params.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import type { Highlighter } from '../../files/highlighter.ts'
import { capabilitiesPage } from './capabilities-page.ts'
import { colouredReadme } from '../coloured-readme.ts'
import { readDownloads } from './read-downloads.ts'
import { dependenciesPage } from './dependencies-page.ts'
import { dependentsPage } from './dependents-page.ts'
import { docsPage } from './docs-page.ts'
import { filePage } from './file-page.ts'
import { filesPage } from './files-page.ts'
import { overviewPage } from './overview-page.ts'
import { provenancePage } from './provenance-page.ts'
import { readDependencies } from './read-dependencies.ts'
import { readModule, type ModuleView } from './read-module.ts'
import { securityPage } from './security-page.ts'
import { versionsPage } from './versions-page.ts'

/** Dependents that one page lists. */
const dependentsMax = 500
const filePathCharactersMax = 400

type RenderTab = (
  view: ModuleView,
  registry: Registry,
  principal: Principal,
  highlighter: Highlighter,
) => string | Promise<string>

const tabs: Readonly<Record<string, readonly [summary: string, RenderTab]>> = {
  '': [
    'a module, and how it is used',
    async (view, { meta, clock }, _principal, highlighter) => {
      const downloads = await readDownloads(meta.downloads, view.name, clock())
      return overviewPage(view, { downloads, readme: await colouredReadme(view.shown.readme, highlighter) })
    },
  ],
  '/docs': ['arguments, blocks and exports of its components', docsPage],
  '/capabilities': ['what it may do, and why', capabilitiesPage],
  '/versions': ['its versions', versionsPage],
  '/files': ['its files', filesPage],
  '/dependencies': [
    'what it brings along',
    async (view, registry, principal) => dependenciesPage(view, await readDependencies(registry, principal, view)),
  ],
  '/dependents': [
    'who brings it along',
    async (view, { meta }, principal) => {
      const sight = await sightOf(meta.scopes, principal)
      return dependentsPage(view, await meta.dependencies.dependents(view.name, sight, dependentsMax))
    },
  ],
  '/security': [
    'what speaks for and against it',
    async (view, registry, principal) => securityPage(view, await readDependencies(registry, principal, view)),
  ],
}

const filePath = z.object({ '*': z.string().max(filePathCharactersMax) })

/** `/@s/n…` of the latest version, `/@s/n/<v>…` of any. */
export function moduleRoutes(app: App, registry: Registry, highlighter: Highlighter): void {
  const config = { action: 'module.read' } as const
  for (const [path, [summary, render]] of Object.entries(tabs)) {
    const newest = { ...pageSchema(`${summary} (the newest version)`), params: moduleParams }
    app.get(`/@:scope/:name${path}`, { config, schema: newest }, async ({ params, principal }, reply) =>
      sendPage(reply, await render(await readModule(registry, moduleOf(params)), registry, principal, highlighter)),
    )
    const any = { ...pageSchema(summary), params: versionParams }
    app.get(`/@:scope/:name/:version${path}`, { config, schema: any }, async ({ params, principal }, reply) =>
      sendPage(
        reply,
        await render(await readModule(registry, moduleOf(params), params.version), registry, principal, highlighter),
      ),
    )
  }
  const provenance = { ...pageSchema('who vouches for it, and how to check that'), params: versionParams }
  app.get('/@:scope/:name/:version/provenance', { config, schema: provenance }, async ({ params }, reply) =>
    sendPage(reply, provenancePage(await readModule(registry, moduleOf(params), params.version), registry.keys.root)),
  )
  fileRoutes(app, registry, highlighter)
}

function fileRoutes(app: App, registry: Registry, highlighter: Highlighter): void {
  const config = { action: 'module.read' } as const
  const { files } = registry
  const newest = { ...pageSchema('a file (of the newest version)'), params: moduleParams.extend(filePath.shape) }
  app.get('/@:scope/:name/files/*', { config, schema: newest }, async ({ params }, reply) => {
    const view = await readModule(registry, moduleOf(params))
    return sendPage(reply, await filePage(view, params['*'], files, highlighter))
  })
  const any = { ...pageSchema('a file'), params: versionParams.extend(filePath.shape) }
  app.get('/@:scope/:name/:version/files/*', { config, schema: any }, async ({ params }, reply) => {
    const view = await readModule(registry, moduleOf(params), params.version)
    return sendPage(reply, await filePage(view, params['*'], files, highlighter))
  })
}
