import { randomUUID } from 'node:crypto'
import type { Role, TokenPermission } from '../access/actions.ts'
import { credentialHash, newCredential } from '../access/credential.ts'
import type { Registry } from '../registry.ts'

const lifetimeMs = 3_600_000

export interface SignInOptions {
  readonly name: string
  readonly staff?: boolean
  /** What they are in scopes, which are made where they are missing. */
  readonly roles?: Readonly<Record<string, Role>>
  /** False: they have shown a password alone. */
  readonly secondFactor?: boolean
}

/** Somebody who has signed in on the command line, as the headers of their requests; straight from the tables. */
export async function signIn(
  registry: Pick<Registry, 'meta'>,
  options: SignInOptions,
): Promise<{ authorization: string }> {
  const { name, staff = false, roles = {}, secondFactor = true } = options
  const now = new Date().toISOString()
  const user = {
    id: randomUUID(),
    name,
    email: null,
    password: null,
    staff: Number(staff),
    created_at: now,
    disabled_at: null,
  }
  const secret = newCredential('session')
  await registry.meta.database.write(async (transaction) => {
    await transaction.insertInto('users').values(user).execute()
    await transaction
      .insertInto('sessions')
      .values({
        id: randomUUID(),
        hash: credentialHash(secret),
        user_id: user.id,
        kind: 'command line',
        client: 'test',
        created_at: now,
        expires_at: new Date(Date.now() + lifetimeMs).toISOString(),
        last_used_at: now,
        second_factor_at: secondFactor ? now : null,
      })
      .execute()
    for (const [scope, role] of Object.entries(roles)) {
      await transaction
        .insertInto('scopes')
        .values({
          name: scope,
          created_at: now,
          visibility: 'public',
          trusted_publisher_only: 0,
          min_approvals: 0,
          hold_on_capability_increase: 1,
          require_provenance: 0,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
      await transaction
        .insertInto('scope_members')
        .values({ scope, user_id: user.id, role, invited_at: now, accepted_at: now })
        .execute()
    }
  })
  return { authorization: `Bearer ${secret}` }
}

/** A token of the operator's with these permissions, as the headers of requests. */
export async function operatorToken(
  registry: Pick<Registry, 'meta'>,
  permissions: readonly TokenPermission[],
  modules = '@acme/*',
): Promise<{ authorization: string }> {
  const secret = newCredential('write')
  const expiresAt = new Date(Date.now() + lifetimeMs).toISOString()
  const hash = credentialHash(secret)
  await registry.meta.tokens.add({
    hash,
    description: permissions.join('-'),
    modules,
    expiresAt,
    permissions,
    networks: [],
    userId: undefined,
  })
  return { authorization: `Bearer ${secret}` }
}
