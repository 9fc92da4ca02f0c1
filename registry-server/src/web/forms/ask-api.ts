import { problemDocument } from '@ingot/manifest'
import type { FastifyRequest } from 'fastify'
import { Problem, type ProblemCode } from '../../problem.ts'

export interface ApiAnswer {
  readonly status: number
  readonly body: unknown
  /** Cookies that the API has set, for the browser. */
  readonly cookies: readonly string[]
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/**
 * Asks the JSON API as the browser that asks for a page would: with its session, from its address. So pages can do what
 * the API allows, and nothing else.
 * @throws Problem that the API has answered with
 */
export async function askApi(
  { server, headers, ip }: FastifyRequest,
  method: Method,
  url: string,
  payload?: object,
): Promise<ApiAnswer> {
  const answer = await server.inject({
    method,
    url,
    remoteAddress: ip,
    headers: passedOn(headers),
    ...(payload === undefined ? {} : { payload }),
  })
  const { statusCode: status } = answer
  const isJson = /\bjson\b/.test(String(answer.headers['content-type'] ?? ''))
  const body: unknown = isJson && answer.payload !== '' ? JSON.parse(answer.payload) : undefined
  if (status >= 400) throw problemOf(body)
  return { status, body, cookies: [answer.headers['set-cookie'] ?? []].flat() }
}

/** What tells who asks, and that a page of this registry does. */
function passedOn(headers: FastifyRequest['headers']): Record<string, string> {
  const names = ['cookie', 'host', 'origin', 'sec-fetch-site', 'user-agent'] as const
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value] as const] : []
    }),
  )
}

function problemOf(body: unknown): Problem {
  const { code, detail, title, hint } = problemDocument.parse(body)
  return new Problem(code as ProblemCode, detail ?? title, hint === undefined ? {} : { hint })
}
