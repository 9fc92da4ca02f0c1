import { z } from 'zod'
import { credentialHash, newCredential } from '../access/credential.ts'
import type { MetaStore } from '../storage/meta-store.ts'
import type { UserRecord } from '../storage/meta/user-store.ts'

const linkMs = 3 * 24 * 3_600_000

/** `ada`: written as scopes are, so that it reads well beside them. */
const userName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,38}[a-z0-9]$/, 'want 2 to 40 lower case letters, digits and dashes')

export interface UserOptions {
  readonly name: string
  readonly email?: string | undefined
  /** Whether they run the registry. */
  readonly staff?: boolean
}

/** @throws RangeError when the name or the address is not allowed, or the name is taken. */
export async function createUser(
  { users }: MetaStore,
  { name, email, staff = false }: UserOptions,
): Promise<UserRecord> {
  const parsed = userName.safeParse(name)
  if (!parsed.success) throw new RangeError(`Cannot create the user "${name}": ${parsed.error.issues[0]!.message}`)
  if (email !== undefined && !z.email().safeParse(email).success) {
    throw new RangeError(
      `Cannot create the user "${name}": found the address "${email}", want one such as "ada@example.com"`,
    )
  }
  const user = await users.add({ name, email, staff }, new Date().toISOString())
  if (!user) throw new RangeError(`Cannot create the user "${name}": there is one`)
  return user
}

/** A secret by which a user sets their password, once and within three days; who has it is that user. */
export async function createSetupLink(
  { users }: MetaStore,
  user: UserRecord,
): Promise<{ link: string; expiresAt: string }> {
  const link = newCredential('link')
  const now = new Date()
  const expiresAt = new Date(now.getTime() + linkMs).toISOString()
  await users.addSetupLink(credentialHash(link), user, expiresAt, now.toISOString())
  return { link, expiresAt }
}
