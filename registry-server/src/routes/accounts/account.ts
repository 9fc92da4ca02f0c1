import { signInAnswer } from '@ingot/manifest'
import { z } from 'zod'
import { authorOf } from '../../access/principal.ts'
import { credentialHash } from '../../access/credential.ts'
import { hashPassword, wantStrong } from '../../accounts/password.ts'
import { nothing, type App } from '../../api/zod-routes.ts'
import { Problem } from '../../problem.ts'
import type { Registry } from '../../registry.ts'
import { passwordText } from './bodies.ts'
import { clientOf, provingIn, sendSession } from './sessions.ts'
import { signedIn } from './signed-in.ts'

/** One's own account: the first password, and the next. */
export function accountRoutes(app: App, registry: Registry): void {
  const { meta, signIn } = registry

  const setUp = {
    summary: 'Sets the password of whoever was sent a set-up link, and signs them in',
    body: z.strictObject({ link: z.string().max(100), password: passwordText }),
    response: { 201: signInAnswer },
  }
  app.post(
    '/api/v1/account/set-up',
    { config: { action: 'session.create' }, schema: setUp },
    async (request, reply) => {
      const { link, password } = request.body
      const proving = provingIn(request)
      const at = proving.now.toISOString()
      const user = await signIn.counted(request.ip, undefined, async () => {
        const found = await meta.users.setupLinkUser(credentialHash(link), at)
        if (found) return found
        throw new Problem('sign_in', 'Cannot use this set-up link: it was used before, or is too old', {
          hint: 'those who run the registry make another: ingot registry user link',
        })
      })
      wantStrong(password, user.name)
      const hash = await hashPassword(password)
      if (!(await meta.users.takeSetupLink(credentialHash(link), hash, request.ip, at))) {
        throw new Problem('sign_in', 'Cannot use this set-up link: it was used before')
      }
      const client = clientOf(request.headers['user-agent'])
      const opened = await signIn.open(user, { kind: 'browser', client, method: 'set-up link', ...proving })
      return sendSession(registry, reply, opened)
    },
  )

  const change = {
    summary: 'Changes the password, and ends every other session',
    body: z.strictObject({ current: passwordText, password: passwordText }),
    response: { 204: nothing },
  }
  app.put(
    '/api/v1/account/password',
    { config: { action: 'factor.write' }, schema: change },
    async (request, reply) => {
      const { user, session } = signedIn(request.principal)
      const { current, password } = request.body
      const proving = provingIn(request)
      await signIn.password(user.name, current, proving)
      wantStrong(password, user.name)
      const author = authorOf(request.principal, request.ip)
      await meta.users.setPassword(user, await hashPassword(password), session.id, author, proving.now.toISOString())
      return reply.code(204).send()
    },
  )
}
