import { searchParameters } from '@ingot/manifest'
import { media, type App } from '../../api/zod-routes.ts'
import type { Registry } from '../../registry.ts'
import { cacheControl } from '../../routes/cache-control.ts'
import { moduleOf, moduleParams } from '../../routes/module-params.ts'
import { readModule } from '../module/read-module.ts'
import { readDownloads } from '../module/read-downloads.ts'
import { badge } from './badge.ts'

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

/** Modules of one sitemap: search engines take fifty thousand addresses of a file. */
const sitemapModulesMax = 10_000
const pageModules = 100

/** What is for programs that read pages: `sitemap.xml`, `robots.txt`, and badges for other people's pages. */
export function machineRoutes(app: App, registry: Registry): void {
  const config = { action: 'registry.read' } as const
  const base = registry.url.replace(/\/$/, '')
  app.get(
    '/robots.txt',
    { config, schema: { summary: 'For crawlers', response: { 200: media('text/plain') } } },
    (_request, reply) =>
      reply
        .header('cache-control', cacheControl.discovery)
        .type('text/plain; charset=utf-8')
        .send(`User-agent: *\nDisallow: /api/\nDisallow: /blobs/\nSitemap: ${base}/sitemap.xml\n`),
  )
  app.get(
    '/sitemap.xml',
    { config, schema: { summary: 'Every public module, for crawlers', response: { 200: media('application/xml') } } },
    async (_request, reply) =>
      reply
        .header('cache-control', cacheControl.discovery)
        .type('application/xml; charset=utf-8')
        .send(sitemap(base, await publicModules(registry))),
  )
  badgeRoutes(app, registry)
}

function badgeRoutes(app: App, registry: Registry): void {
  const add = (what: string, summary: string, draw: (module: string) => Promise<Parameters<typeof badge>>): void => {
    const schema = { summary, params: moduleParams, response: { 200: media('image/svg+xml') } }
    app.get(
      `/badges/@:scope/:name/${what}.svg`,
      { config: { action: 'module.read' }, schema },
      async ({ params }, reply) =>
        reply
          .header('cache-control', cacheControl.discovery)
          .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
          .type('image/svg+xml; charset=utf-8')
          .send(badge(...(await draw(moduleOf(params))))),
    )
  }
  add('version', 'A badge with the newest version', async (module) => {
    const { latest, line } = await readModule(registry, module)
    return ['ingot', `v${latest}`, line.status === 'active' ? 'good' : 'bad']
  })
  add('downloads', 'A badge with the downloads of a month', async (module) => {
    await readModule(registry, module)
    const { counts } = await readDownloads(registry.meta.downloads, module, registry.clock())
    const total = counts.reduce((sum, count) => sum + count, 0)
    return ['downloads', `${compact.format(total)} a month`, 'good']
  })
}

async function publicModules({ meta }: Registry): Promise<{ name: string; at: string }[]> {
  const found: { name: string; at: string }[] = []
  let cursor: string | undefined
  do {
    const query = searchParameters.parse({
      sort: 'name',
      limit: pageModules,
      ...(cursor === undefined ? {} : { cursor }),
    })
    const { items, next } = await meta.search.search(query, { scopes: [] })
    found.push(...items.map(({ name, publishedAt }) => ({ name, at: publishedAt })))
    cursor = next ?? undefined
  } while (cursor !== undefined && found.length < sitemapModulesMax)
  return found
}

function sitemap(base: string, modules: readonly { name: string; at: string }[]): string {
  // Names and times have no character that XML knows.
  const urls = modules.map(({ name, at }) => `<url><loc>${base}/${name}</loc><lastmod>${at}</lastmod></url>`)
  return `<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${urls.join('')}</urlset>\n`
}
