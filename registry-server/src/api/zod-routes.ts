import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import { z } from 'zod'
import { Problem } from '../problem.ts'

/** Routes whose `schema` is written in zod: handlers get what it parsed, and the OpenAPI document is made from it. */
interface ZodTypes extends FastifyTypeProvider {
  validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown
  serializer: unknown
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypes
>

declare module 'fastify' {
  interface FastifySchema {
    /** One line for the API's documentation. */
    summary?: string
  }
}

/** Has a server read `schema` as zod. What a path cannot name is not found; everything else that does not parse is invalid. */
export function zodRoutes(app: FastifyInstance): App {
  app.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (data) => {
    const parsed = schema.safeParse(data)
    if (parsed.success) return { value: parsed.data }
    const found = z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, ' ')
    const [code, detail] =
      httpPart === 'params'
        ? (['not_found', `Cannot find that: ${found}`] as const)
        : ([
            'request_invalid',
            `Cannot read the request's ${httpPart === 'querystring' ? 'query' : httpPart}: ${found}`,
          ] as const)
    return { error: new Problem(code, detail) }
  })
  // Answers are written as handlers send them; their schemas are documentation, which tests hold them to.
  app.setSerializerCompiler(() => (data) => JSON.stringify(data))
  return app.withTypeProvider<ZodTypes>()
}

/** The schema of an answer without a body. */
export const nothing = z.undefined().meta({ mediaType: '' })

/** The schema of a body that is not JSON. */
export function media(type: string): z.ZodType {
  return z.unknown().meta({ mediaType: type })
}
