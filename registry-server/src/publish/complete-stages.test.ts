import { expect, onTestFinished, test } from 'vitest'
import { openRegistry } from '../registry.ts'
import { operatorToken } from '../testing/sign-in.ts'
import { publishTo } from '../testing/publish-to.ts'
import { testModule } from '../testing/test-module.ts'
import { startRegistry, type TestRegistry } from '../testing/test-registry.ts'

const author = { actor: 'user:ann', token: null, ip: '' }

async function stage(registry: TestRegistry): Promise<string> {
  const token = await operatorToken(registry.registry, ['publish'])
  const answer = await publishTo(registry.url, '', testModule(), token, '?stage=1')
  return ((await answer.json()) as { stageId: string }).stageId
}

/** What a crash between the last approval and the publish leaves. */
function approve({ registry }: TestRegistry, id: string, user: string) {
  const approval = { userId: user, user, method: 'second factor', staff: false, at: new Date().toISOString() }
  return registry.meta.stages.approve(id, approval, author)
}

/** The same storage, opened by another server. */
async function startAnother({ dataDir }: TestRegistry): Promise<void> {
  const another = await openRegistry({ dataDir, url: 'http://registry.test' })
  onTestFinished(() => another.close())
}

test('a start publishes what has all its approvals, and nothing that nobody has approved', async () => {
  const registry = await startRegistry()
  const id = await stage(registry)
  await startAnother(registry)
  expect(await registry.registry.meta.log.size()).toBe(0)
  await approve(registry, id, 'ann')
  await startAnother(registry)
  expect(await registry.registry.meta.stages.find(id)).toMatchObject({ state: 'published' })
  const bundle = await registry.get('/m/@acme/redact/1.0.0/bundle.json')
  const { statement } = (await bundle.json()) as { statement: { payload: string } }
  expect(Buffer.from(statement.payload, 'base64').toString()).toContain('"ann"')
})

test('a start that lacks the bytes of an approved stage leaves it waiting', async () => {
  const registry = await startRegistry()
  const id = await stage(registry)
  const { sha512 } = await approve(registry, id, 'ann')
  await registry.registry.blobs.erase(sha512)
  await startAnother(registry)
  expect(await registry.registry.meta.stages.find(id)).toMatchObject({ state: 'open' })
})
