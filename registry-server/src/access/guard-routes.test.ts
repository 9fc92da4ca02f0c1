import fastify from 'fastify'
import { expect, test } from 'vitest'
import { startRegistry } from '../testing/test-registry.ts'
import { guardRoutes } from './guard-routes.ts'

test('a server with a route that names no action cannot be made', async () => {
  const { registry } = await startRegistry()
  const app = fastify()
  guardRoutes(app, registry)
  const handler = () => 'open to the world'
  const refused = 'Cannot serve GET /door: it names no action of access/actions.ts'
  expect(() => app.get('/door', handler)).toThrow(refused)
  expect(() => app.get('/door', { config: {} }, handler)).toThrow(refused)
  expect(() => app.get('/door', { config: { action: 'door.open' as never } }, handler)).toThrow(refused)
  app.get('/door', { config: { action: 'registry.read' } }, handler)
  expect((await app.inject('/door')).body).toBe('open to the world')
  expect((await app.inject('/wall')).statusCode).toBe(404)
})
