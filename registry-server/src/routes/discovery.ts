import type { RegistryDiscovery } from '@ingot/manifest'
import type { FastifyInstance } from 'fastify'
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
  web: '/',
  features: ['search', 'signed-statements', 'log', 'events'],
}

/** Where everything is, and which keys vouch for it. */
export function discoveryRoutes(app: FastifyInstance, registry: Registry): void {
  app.get('/.well-known/ingot.json', (_request, reply) =>
    reply.header('cache-control', cacheControl.discovery).send(discovery),
  )
  app.get('/keys/root.json', (_request, reply) =>
    reply.header('cache-control', cacheControl.discovery).type('application/json').send(registry.keys.rootText),
  )
}
