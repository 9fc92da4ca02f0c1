import { nameLabel, parseModuleKey, scopeOf } from '@ingot/manifest'
import { z } from 'zod'
import { mayRead } from '../access/authorize.ts'
import type { Principal } from '../access/principal.ts'
import { media, type App } from '../api/zod-routes.ts'
import { atomFeed, type FeedEntry } from '../feeds/atom-feed.ts'
import { isLifecycleType, readLifecycleLeaf } from '../log/lifecycle-leaf.ts'
import { capabilityDeltas } from '../log/project-index.ts'
import { moduleState } from '../log/module-state.ts'
import type { Registry } from '../registry.ts'
import type { LogEvent } from '../storage/meta/log-store.ts'
import { cacheControl } from './cache-control.ts'
import { moduleOf, moduleParams } from './module-params.ts'

const entriesMax = 50
/** Events that are looked at for those that somebody sees. */
const eventsMax = 500

/** `GET /feeds/….atom`: what has changed, for feed readers: all of it, of a scope, of a module, or where modules may do more. */
export function feedRoutes(app: App, registry: Registry): void {
  const response = { 200: media('application/atom+xml') }
  const send = async (path: string, title: string, entries: readonly FeedEntry[]): Promise<string> => {
    const self = new URL(path, registry.url).href
    return atomFeed({ id: self, title, self, entries: entries.slice(0, entriesMax) })
  }
  const about = async (principal: Principal, of: { scope?: string; module?: string }): Promise<FeedEntry[]> => {
    const events = await registry.meta.log.newest(eventsMax, of)
    const seen = await visible(registry, principal, events)
    return seen.slice(0, entriesMax).map((event) => entryOf(registry.url, event, textOf(event)))
  }
  const config = { action: 'registry.read' } as const
  const all = { summary: 'What has changed in the registry, as a feed', response }
  app.get('/feeds/all.atom', { config, schema: all }, async (request, reply) =>
    reply
      .header('cache-control', cacheControl.index)
      .type('application/atom+xml')
      .send(await send('/feeds/all.atom', 'Ingot registry', await about(request.principal, {}))),
  )
  const increases = { summary: 'Versions that may do more than those before, as a feed', response }
  app.get('/feeds/capability-increase.atom', { config, schema: increases }, async (request, reply) => {
    const events = await registry.meta.log.newest(eventsMax, { type: 'publish' })
    const entries = await increased(registry, await visible(registry, request.principal, events))
    const feed = await send('/feeds/capability-increase.atom', 'Ingot registry: modules that may do more', entries)
    return reply.header('cache-control', cacheControl.index).type('application/atom+xml').send(feed)
  })
  const ofScope = {
    summary: 'What has changed in a scope, as a feed',
    params: z.object({ scope: nameLabel }),
    response,
  }
  app.get('/feeds/@:scope.atom', { config: { action: 'scope.read' }, schema: ofScope }, async (request, reply) => {
    const scope = `@${request.params.scope}`
    const feed = await send(`/feeds/${scope}.atom`, scope, await about(request.principal, { scope }))
    return reply.header('cache-control', cacheControl.index).type('application/atom+xml').send(feed)
  })
  const ofModule = { summary: 'What has changed about a module, as a feed', params: moduleParams, response }
  app.get(
    '/feeds/@:scope/:name.atom',
    { config: { action: 'module.read' }, schema: ofModule },
    async (request, reply) => {
      const module = moduleOf(request.params)
      const feed = await send(`/feeds/${module}.atom`, module, await about(request.principal, { module }))
      return reply.header('cache-control', cacheControl.index).type('application/atom+xml').send(feed)
    },
  )
}

/** Events about modules that somebody may see. */
async function visible({ meta }: Registry, principal: Principal, events: readonly LogEvent[]): Promise<LogEvent[]> {
  const may = new Map<string, boolean>()
  const seen: LogEvent[] = []
  for (const event of events) {
    const { module } = event
    if (module === null) continue
    const known = may.get(module) ?? (await mayRead(meta.scopes, principal, { scope: scopeOf(module), module }))
    may.set(module, known)
    if (known) seen.push(event)
  }
  return seen
}

async function increased(registry: Registry, events: readonly LogEvent[]): Promise<FeedEntry[]> {
  const deltas = new Map<string, ReturnType<typeof capabilityDeltas>>()
  const entries: FeedEntry[] = []
  for (const event of events) {
    const key = parseModuleKey(event.subject)
    if (!key || entries.length === entriesMax) continue
    if (!deltas.has(key.name)) {
      const { versions } = moduleState(await registry.meta.log.eventsOf(key.name))
      deltas.set(key.name, capabilityDeltas(versions))
    }
    const delta = deltas.get(key.name)!.get(key.version)
    const lines = [...(delta?.added ?? []), ...(delta?.widened ?? []).map(({ from, to }) => `${to} (was ${from})`)]
    if (lines.length > 0) entries.push(entryOf(registry.url, event, `may now: ${lines.join(', ')}`))
  }
  return entries
}

function entryOf(url: string, { index, type, subject, module, at }: LogEvent, text: string): FeedEntry {
  const version = parseModuleKey(subject)?.version
  const link = new URL(`/${module}${version === undefined ? '' : `/${version}`}`, url).href
  return { id: new URL(`/log#${index}`, url).href, title: `${type} ${subject}`, at, link, text }
}

function textOf({ type, subject, leaf }: LogEvent): string {
  if (!isLifecycleType(type)) return subject
  const { change } = readLifecycleLeaf(leaf)
  if (change.type === 'tag') return `${change.tag}: ${change.version ?? 'no more'}`
  if (change.type === 'deprecate') return change.message ?? 'no longer deprecated'
  return change.reason
}
