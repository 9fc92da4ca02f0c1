import type { InjectOptions } from 'fastify'
import { tokenPermissions, type TokenPermission } from '../../access/actions.ts'
import { createToken } from '../../access/create-token.ts'
import { sessionCookie } from '../../access/session-cookie.ts'
import type { Registry } from '../../registry.ts'
import { signIn, type SignInOptions } from '../sign-in.ts'

export const scopeNames = { public: '@open', private: '@closed', absent: '@absent', other: '@elsewhere' } as const

const sessions = {
  owner: {},
  'owner, password alone': { secondFactor: false },
  maintainer: {},
  publisher: {},
  triager: {},
  reader: {},
  stranger: {},
  staff: { staff: true },
  'staff, password alone': { staff: true, secondFactor: false },
} as const satisfies Record<string, Partial<SignInOptions>>

export type CallerName =
  | 'anonymous'
  | keyof typeof sessions
  | `token ${TokenPermission}`
  | 'token of another scope'
  | 'token that has ended'

export interface Caller {
  readonly name: CallerName
  readonly headers: NonNullable<InjectOptions['headers']>
}

/** Everybody who may ask: members of both scopes in each role, others, and tokens of an owner's. */
export async function makeCallers(registry: Registry): Promise<Caller[]> {
  const callers: Caller[] = [{ name: 'anonymous', headers: {} }]
  for (const name of Object.keys(sessions) as (keyof typeof sessions)[]) {
    const options: Partial<SignInOptions> = sessions[name]
    const user = { ...options, name: name.replace(', ', '-'), roles: rolesOf(name) }
    const secret = (await signIn(registry, user)).authorization.replace('Bearer ', '')
    // As browsers do, so that pages ask the API as them.
    callers.push({ name, headers: { cookie: `${sessionCookie.name}=${secret}`, origin: registry.url } })
  }
  const owner = (await registry.meta.users.byName('owner'))!.id
  const token = async (name: CallerName, permissions: readonly TokenPermission[], modules: string) => {
    const made = await createToken(registry.meta.tokens, { description: name, userId: owner, permissions, modules })
    callers.push({ name, headers: { authorization: `Bearer ${made.token}` } })
    return made.record
  }
  for (const permission of tokenPermissions) await token(`token ${permission}`, [permission], '*')
  await token('token of another scope', tokenPermissions, `${scopeNames.other}/*`)
  const { id } = await token('token that has ended', tokenPermissions, '*')
  await registry.meta.database.write((transaction) =>
    transaction
      .updateTable('tokens')
      .set({ expires_at: new Date(0).toISOString() })
      .where('id', '=', id)
      .execute(),
  )
  return callers
}

function rolesOf(name: keyof typeof sessions): NonNullable<SignInOptions['roles']> {
  if (name === 'stranger') return { [scopeNames.other]: 'owner' }
  if (name === 'staff' || name === 'staff, password alone') return {}
  const role = name === 'owner, password alone' ? 'owner' : name
  return { [scopeNames.public]: role, [scopeNames.private]: role }
}
