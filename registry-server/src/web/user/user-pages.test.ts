import { expect, test } from 'vitest'
import { publishTo } from '../../testing/publish-to.ts'
import { signedUp } from '../../testing/signed-up.ts'
import { operatorToken } from '../../testing/sign-in.ts'
import { testModule } from '../../testing/test-module.ts'
import { startRegistry } from '../../testing/test-registry.ts'

test('a user has a page with what is public of them, and nothing else', async () => {
  const registry = await startRegistry()
  const ann = await signedUp(registry, 'ann', { secondFactor: true })
  const { authorization } = await operatorToken(registry.registry, ['publish'], '*')
  for (const name of ['@acme', '@closed']) {
    await ann.json(201, 'POST', '/api/v1/scopes', { name })
    await publishTo(registry.url, '', testModule({ name: `${name}/redact` }), { authorization })
  }
  await publishTo(registry.url, '', testModule({ name: '@other/geo' }), { authorization })
  await ann.json(200, 'PATCH', '/api/v1/scopes/@closed', { visibility: 'private' })
  await registry.registry.outbox.drain()

  const page = await (await registry.get('/~ann')).text()
  for (const part of ['<h1>ann</h1>', 'href="/@acme"', ', owner', 'href="/@acme/redact"']) expect(page).toContain(part)
  for (const part of ['@closed', '@other']) expect(page).not.toContain(part)
  expect(await (await ann.send('GET', '/~ann')).text()).toContain('href="/@closed/redact"')
  expect(await (await registry.get('/@acme')).text()).toContain('href="/~ann"')
  expect(await (await ann.send('GET', '/@acme')).text()).toContain('href="/@acme/audit"')
  expect((await registry.get('/~nobody')).status).toBe(404)
  const { users } = registry.registry.meta
  await users.setDisabled((await users.byName('ann'))!, true, new Date().toISOString())
  expect((await registry.get('/~ann')).status).toBe(404)
})

test('a scope lists all its modules, page by page', async () => {
  const registry = await startRegistry()
  const names = Array.from({ length: 53 }, (_, number) => `@acme/m-${String(number).padStart(2, '0')}`)
  const { authorization } = await operatorToken(registry.registry, ['publish'], '*')
  for (const name of [...names, '@acme-two/redact'])
    await publishTo(registry.url, '', testModule({ name }), { authorization })
  await registry.registry.outbox.drain()
  const found: string[] = []
  for (let path: string | undefined = '/@acme'; path !== undefined;) {
    const page: string = await (await registry.get(path)).text()
    expect(page).toContain('53 modules')
    found.push(...[...page.matchAll(/<h3><a href="\/([^"]+)"/g)].map(([, name]) => name!))
    path = /class="button quiet" href="(\/@acme\?cursor=[^"]+)"/.exec(page)?.[1]
  }
  expect(found).toEqual(names)
  expect((await registry.get('/@acme?cursor=none')).status).toBe(400)
})
