import { expect, test } from 'vitest'
import { checkRegistry } from '../backup/check-registry.ts'
import { operatorToken, signIn } from '../testing/sign-in.ts'
import { testModule } from '../testing/test-module.ts'
import { startRegistry } from '../testing/test-registry.ts'

test('owners read the trail of their scope, staff all of it; what was changed in it is found', async () => {
  const registry = await startRegistry()
  const { registry: opened } = registry
  const [ann, sam] = [
    await signIn(opened, { name: 'ann', roles: { '@acme': 'owner' } }),
    await signIn(opened, { name: 'sam', staff: true }),
  ]
  const as = await operatorToken(opened, ['publish', 'yank'], '*')
  await registry.publish(testModule(), as)
  await registry.publish(testModule({ name: '@other/geo' }), as)
  const yank = await fetch(`${registry.url}/api/v1/modules/@acme/redact/versions/1.0.0/yank`, {
    method: 'POST',
    headers: { ...as, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'leaks' }),
  })
  expect(yank.status).toBe(200)

  const read = async (path: string, who: Record<string, string>) => {
    const response = await registry.get(path, who)
    return { status: response.status, entries: [], ...((await response.json()) as { entries?: { action: string }[] }) }
  }
  expect((await read('/api/v1/audit', ann)).status).toBe(403)
  const own = await read('/api/v1/scopes/@acme/audit', ann)
  expect(own.entries.map(({ action }) => action)).toEqual(['publish', 'yank'])
  expect(own.entries[1]).toMatchObject({
    actor: 'token:publish-yank',
    token: expect.any(String),
    subject: '@acme/redact@1.0.0',
    before: { status: 'active' },
    after: { status: 'yanked', reason: 'leaks' },
  })
  expect((await read('/api/v1/audit', sam)).entries.map(({ action }) => action)).toEqual([
    'token.create',
    'token.create',
    'publish',
    'publish',
    'yank',
  ])
  expect((await read('/api/v1/audit?action=yank', sam)).entries).toHaveLength(1)
  const exported = await (await registry.get('/api/v1/audit?format=ndjson&after=2', sam)).text()
  expect(
    exported
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { seq: number }).seq),
  ).toEqual([3, 4])

  const storage = { dataDir: registry.dataDir }
  expect((await checkRegistry(storage)).problems).toEqual([])
  await opened.meta.database.write((transaction) =>
    transaction.updateTable('audit').set({ after: '{"status":"active"}' }).where('action', '=', 'yank').execute(),
  )
  expect((await checkRegistry(storage)).problems).toEqual(['entry 4 of the audit trail was changed'])
})
