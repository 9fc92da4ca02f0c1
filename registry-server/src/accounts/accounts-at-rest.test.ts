import { copyFile, mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { backupRegistry } from '../backup/backup-registry.ts'
import { restoreRegistry } from '../backup/restore-registry.ts'
import { openRegistry, type Registry } from '../registry.ts'
import { createUser } from './create-user.ts'
import { totpCode } from './totp.ts'

const url = 'http://registry.test'
const secret = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ingot-accounts-test-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

/** Shows the code of now to a registry that is opened only for that. */
async function showCode(dataDir: string, code: (now: Date) => string): Promise<void> {
  const registry = await openRegistry({ dataDir, url })
  try {
    const now = new Date()
    const user = (await registry.meta.users.byName('ada'))!
    await registry.signIn.totp(user, code(now), { ip: '192.0.2.1', now })
  } finally {
    await registry.close()
  }
}

const codeOf = (key: string) => (now: Date) => totpCode(key, Math.floor(now.getTime() / 30_000))

async function stored({ meta }: Registry): Promise<string> {
  return (await meta.database.read.selectFrom('totp_secrets').select('secret').executeTakeFirstOrThrow()).secret
}

test('a TOTP secret is nowhere in the database, also one that an older version has stored', async () => {
  const dataDir = await folder()
  const before = await openRegistry({ dataDir, url })
  const user = await createUser(before.meta, { name: 'ada' })
  await before.meta.database.write((transaction) =>
    transaction
      .insertInto('totp_secrets')
      .values({ user_id: user.id, secret, confirmed_at: new Date().toISOString(), last_step: 0 })
      .execute(),
  )
  await before.close()

  const after = await openRegistry({ dataDir, url })
  expect(await stored(after)).toMatch(/^v1\./)
  await after.close()
  await showCode(dataDir, codeOf(secret))
  expect((await stat(join(dataDir, 'keys/accounts.key'))).mode & 0o777).toBe(0o600)
})

test('a registry whose database knows another key does not start, and says which file it wants', async () => {
  const [first, second] = [await folder(), await folder()]
  await (await openRegistry({ dataDir: first, url })).close()
  await copyFile(join(first, 'registry.db'), join(second, 'registry.db'))
  await expect(openRegistry({ dataDir: second, url })).rejects.toThrow(
    /found no file in ".*accounts.key", want the key/,
  )
  const third = await folder()
  await (await openRegistry({ dataDir: third, url })).close()
  await copyFile(join(third, 'keys/accounts.key'), join(second, 'keys/accounts.key'))
  await expect(openRegistry({ dataDir: second, url })).rejects.toThrow(/found the key [0-9a-f]{16} in/)
  await copyFile(join(first, 'keys/accounts.key'), join(second, 'keys/accounts.key'))
  await (await openRegistry({ dataDir: second, url })).close()
})

test('a backup has sealed secrets and the key apart from them; what is restored takes the same codes', async () => {
  const [dataDir, kept, restored] = [await folder(), await folder(), await folder()]
  const registry = await openRegistry({ dataDir, url })
  const user = await createUser(registry.meta, { name: 'ada' })
  const made = await registry.signIn.newTotp(user, { ip: '192.0.2.1', now: new Date() })
  await registry.close()
  await backupRegistry({ dataDir }, kept)
  expect(await readFile(join(kept, 'facts.ndjson'), 'utf8')).not.toContain(made)
  await mkdir(restored, { recursive: true })
  await restoreRegistry({ dataDir: restored }, kept)
  await showCode(restored, codeOf(made))
})
