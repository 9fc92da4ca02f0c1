import { problemDocument } from '@ingot/manifest'
import type { FastifyInstance, FastifySchema } from 'fastify'
import { z } from 'zod'
import { nothing } from './zod-routes.ts'
import { actions, type Action, type ActionName } from '../access/actions.ts'

interface Route {
  readonly method: string
  readonly url: string
  readonly action: ActionName
  readonly schema: FastifySchema
}

/** Every route that a server has, as they are added from here on. */
export function collectRoutes(app: FastifyInstance): readonly Route[] {
  const routes: Route[] = []
  app.addHook('onRoute', ({ method, url, config, schema = {} }) => {
    for (const each of [method].flat()) {
      if (each !== 'HEAD') routes.push({ method: each.toLowerCase(), url, action: config!.action!, schema })
    }
  })
  return routes
}

/** The OpenAPI 3.1 document of the routes; `x-action` and `x-who` say who may call each, as the table of actions has it. */
export function openApiDocument(routes: readonly Route[], url: string): unknown {
  const sorted = [...routes].sort((a, b) => (a.url < b.url ? -1 : a.url > b.url ? 1 : a.method < b.method ? -1 : 1))
  const paths: Record<string, Record<string, unknown>> = {}
  // What pages load is named by its content: it is no part of what is promised.
  for (const route of sorted.filter(({ url }) => !url.startsWith('/assets/'))) {
    const path = route.url.replaceAll(/:(\w+)/g, '{$1}').replace('*', '{path}')
    paths[path] = { ...paths[path], [route.method]: operation(route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Ingot registry', version: 'ingot/1', license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'a token, or the session of a command line' },
        session: { type: 'apiKey', in: 'cookie', name: 'ingot_session' },
      },
      schemas: { Problem: jsonSchema(problemDocument, 'output') },
    },
  }
}

function operation({ method, url, action: name, schema }: Route): unknown {
  const action: Action = actions[name]
  const body = schema.body as z.ZodType | undefined
  return {
    ...(schema.summary === undefined ? {} : { summary: schema.summary }),
    operationId: `${method} ${url}`.replaceAll(/[^a-zA-Z0-9]+/g, '_').replace(/_$/, ''),
    'x-action': name,
    'x-who': action.who,
    ...(action.tokens ? { 'x-token-permissions': action.tokens } : {}),
    ...(action.secondFactor ? { 'x-second-factor': action.secondFactor } : {}),
    ...(action.who === 'anyone'
      ? {}
      : { security: action.tokens ? [{ bearer: [] }, { session: [] }] : [{ session: [] }] }),
    parameters: [...pathParameters(url, schema), ...queryParameters(schema)],
    ...(body ? { requestBody: { required: true, content: content(body, 'input') } } : {}),
    responses: responses(schema),
  }
}

function pathParameters(url: string, schema: FastifySchema): unknown[] {
  const { properties = {} } = schema.params ? jsonSchema(schema.params as z.ZodType, 'input') : {}
  return [...url.matchAll(/:(\w+)|\*/g)].map(([, name = 'path']) => ({
    name,
    in: 'path',
    required: true,
    schema: properties[name] ?? { type: 'string' },
  }))
}

function queryParameters(schema: FastifySchema): unknown[] {
  if (!schema.querystring) return []
  const { properties = {}, required = [] } = jsonSchema(schema.querystring as z.ZodType, 'input')
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: 'query',
    ...(required.includes(name) ? { required: true } : {}),
    schema: of,
  }))
}

function responses(schema: FastifySchema): Record<string, unknown> {
  const given = Object.entries((schema.response ?? {}) as Record<string, z.ZodType>)
  const answers = given.map(([status, of]) => [status, answer(of)])
  const problem = {
    description: 'why not',
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
  return { ...(Object.fromEntries(answers) as Record<string, unknown>), default: problem }
}

function answer(schema: z.ZodType): unknown {
  const description = schema.description ?? 'done'
  return schema === nothing ? { description } : { description, content: content(schema, 'output') }
}

function content(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const { mediaType } = (schema.meta() ?? {}) as { mediaType?: string }
  if (mediaType !== undefined) return { [mediaType]: {} }
  return { 'application/json': { schema: jsonSchema(schema, io) } }
}

interface JsonSchema {
  properties?: Record<string, unknown>
  required?: string[]
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest as JsonSchema
}
