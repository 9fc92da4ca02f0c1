import { signInAnswer } from '@ingot/manifest'
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import { askApi } from '../forms/ask-api.ts'
import { localPath } from '../forms/local-path.ts'
import { pageSchema } from '../page-schema.ts'
import { sendPage } from '../send-page.ts'
import { devicePage, secondFactorPage, setUpPage, signInPage, smallPage } from './sign-in-pages.ts'
import { html } from '../html.ts'

const text = z.string().max(200)
const nextQuery = z.object({ next: localPath })

/** Signing in and out, for people without scripts too. */
export function signInPageRoutes(app: App): void {
  const config = { action: 'session.create' } as const
  const read = (summary: string) => ({ ...pageSchema(summary), querystring: nextQuery })

  app.get('/sign-in', { config, schema: read('sign in') }, (request, reply) =>
    sendPage(reply, signInPage(request.query.next), 'no-store'),
  )
  const signIn = { ...pageSchema('signs in'), body: z.object({ user: text, password: text, next: localPath }) }
  app.post('/sign-in', { config, schema: signIn }, async (request, reply) => {
    const { next, ...credentials } = request.body
    const again = (problem: Problem): string => signInPage(next, problem)
    return orAgain(reply, again, async () => {
      const { body, cookies } = await askApi(request, 'POST', '/api/v1/session', credentials)
      const more = signInAnswer.parse(body).secondFactors.length > 0
      return goOn(reply, more ? `/sign-in/second-factor?next=${encodeURIComponent(next)}` : next, cookies)
    })
  })

  app.get('/sign-in/second-factor', { config, schema: read('second factor') }, (request, reply) =>
    sendPage(reply, secondFactorPage(request.query.next), 'no-store'),
  )
  const factor = { ...pageSchema('takes a second factor'), body: z.object({ code: text, next: localPath }) }
  app.post('/sign-in/second-factor', { config, schema: factor }, async (request, reply) => {
    const { code, next } = request.body
    const again = (problem: Problem): string => secondFactorPage(next, problem)
    return orAgain(reply, again, async () => {
      const shown = /^\d{3} ?\d{3}$/.test(code.trim()) ? { totp: code.replaceAll(' ', '') } : { recoveryCode: code }
      const { cookies } = await askApi(request, 'POST', '/api/v1/session/second-factor', shown)
      return goOn(reply, next, cookies)
    })
  })

  app.post('/sign-out', { config, schema: pageSchema('signs out') }, async (request, reply) => {
    const { cookies } = await askApi(request, 'DELETE', '/api/v1/session')
    return goOn(reply, '/', cookies)
  })

  const link = { ...pageSchema('first password'), querystring: z.object({ link: text.default('') }) }
  app.get('/set-up', { config, schema: link }, (request, reply) =>
    sendPage(reply, setUpPage(request.query.link), 'no-store'),
  )
  const setUp = { ...pageSchema('sets the first password'), body: z.object({ link: text, password: text }) }
  app.post('/set-up', { config, schema: setUp }, async (request, reply) => {
    const again = (problem: Problem): string => setUpPage(request.body.link, problem)
    return orAgain(reply, again, async () => {
      const { cookies } = await askApi(request, 'POST', '/api/v1/account/set-up', request.body)
      return goOn(reply, '/account', cookies)
    })
  })
  deviceRoutes(app)
}

function deviceRoutes(app: App): void {
  const config = { action: 'account.write' } as const
  const look = { ...pageSchema('sign a command line in'), querystring: z.object({ code: text.optional() }) }
  app.get('/device', { config, schema: look }, async (request, reply) => {
    const code = request.query.code?.trim().toUpperCase() ?? ''
    if (code === '') return sendPage(reply, devicePage({ code, client: undefined }), 'no-store')
    const { body } = await askApi(request, 'GET', `/api/v1/device/${encodeURIComponent(code)}`)
    const { client } = z.object({ client: z.string() }).parse(body)
    return sendPage(reply, devicePage({ code, client }), 'no-store')
  })
  const answer = {
    ...pageSchema('answers a command line'),
    body: z.object({ code: text, answer: z.enum(['yes', 'no']) }),
  }
  app.post('/device', { config, schema: answer }, async (request, reply) => {
    const { code, answer } = request.body
    const path = `/api/v1/device/${encodeURIComponent(code)}`
    if (answer === 'yes') await askApi(request, 'POST', `${path}/approve`)
    else await askApi(request, 'DELETE', path)
    const told = answer === 'yes' ? 'It is signed in. You can close this page.' : 'It was refused.'
    return sendPage(reply, smallPage('Sign a command line in', undefined, html`<p>${told}</p>`), 'no-store')
  })
}

/** The form again, with what was wrong. */
async function orAgain(
  reply: FastifyReply,
  again: (problem: Problem) => string,
  run: () => Promise<FastifyReply>,
): Promise<FastifyReply> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return sendPage(reply.code(error.status), again(error), 'no-store')
  }
}

function goOn(reply: FastifyReply, path: string, cookies: readonly string[] = []): FastifyReply {
  if (cookies.length > 0) reply.header('set-cookie', [...cookies])
  return reply.header('cache-control', 'no-store').redirect(path, 303)
}
