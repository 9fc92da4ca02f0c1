import type { FastifyInstance } from 'fastify'
import type { Registry } from '../registry.ts'

export function pageRoutes(_app: FastifyInstance, _registry: Registry): void {}
