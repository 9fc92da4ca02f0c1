import { registryDiscovery, type RegistryDiscovery } from '@ingot/manifest'
import { z } from 'zod'
import { media, type App } from '../api/zod-routes.ts'
import { Problem } from '../problem.ts'
import type { Registry } from '../registry.ts'
import { cacheControl } from './cache-control.ts'

const discovery: RegistryDiscovery = {
  protocol: ['ingot/1'],
  index: '/index',
  api: '/api/v1',
  blobs: '/blobs',
  modules: '/m',
  log: '/log',
  keys: '/keys',
  advisories: '/advisories',
  web: '/',
  auth: { oidcExchange: '/api/v1/oidc/exchange', device: '/api/v1/device' },
  features: ['search', 'signed-statements', 'log', 'events'],
}

/** Where everything is, and which keys vouch for it. */
export function discoveryRoutes(app: App, registry: Registry): void {
  const config = { action: 'registry.read' } as const
  app.get(
    '/.well-known/ingot.json',
    { config, schema: { summary: 'Where everything is', response: { 200: registryDiscovery } } },
    (_request, reply) => reply.header('cache-control', cacheControl.discovery).send(discovery),
  )
  const schema = { summary: 'The keys that vouch for it', response: { 200: media('application/json') } }
  app.get('/keys/root.json', { config, schema }, (_request, reply) =>
    reply.header('cache-control', cacheControl.discovery).type('application/json').send(registry.keys.rootText),
  )
  const params = z.object({ version: z.string() })
  app.get('/keys/:version.root.json', { config, schema: { ...schema, params } }, (request, reply) => {
    const { version } = request.params
    const text = /^[1-9]\d{0,8}$/.test(version) ? registry.keys.roots.get(Number(version)) : undefined
    if (text === undefined) throw new Problem('not_found', `Cannot find version "${version}" of the registry's keys`)
    return reply.header('cache-control', cacheControl.immutable).type('application/json').send(text)
  })
}
