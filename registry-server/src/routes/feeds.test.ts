import { expect, test } from 'vitest'
import { operatorToken } from '../testing/sign-in.ts'
import { testModule } from '../testing/test-module.ts'
import { startRegistry } from '../testing/test-registry.ts'

test('feeds tell of a registry, a scope, a module, and of modules that may do more', async () => {
  const registry = await startRegistry()
  const as = await operatorToken(registry.registry, ['publish', 'yank'], '*')
  const capabilities = { 'http.request': [{ why: 'Asks.', values: ['names.example:443'] }] }
  await registry.publish(testModule(), as)
  await registry.publish(testModule({ name: '@other/geo' }), as)
  await registry.publish(testModule({ version: '1.1.0', component: { capabilities } }), as)
  await fetch(`${registry.url}/api/v1/modules/@acme/redact/versions/1.0.0/yank`, {
    method: 'POST',
    headers: { ...as, 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'a < b & "c"' }),
  })
  const titles = async (path: string): Promise<string[]> => {
    const response = await registry.get(path)
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/atom+xml'])
    return [...(await response.text()).matchAll(/<title>([^<]*)<\/title>/g)].slice(1).map(([, title]) => title!)
  }
  const own = ['yank @acme/redact@1.0.0', 'publish @acme/redact@1.1.0', 'publish @acme/redact@1.0.0']
  expect(await titles('/feeds/all.atom')).toEqual([...own.slice(0, 2), 'publish @other/geo@1.0.0', own[2]])
  expect(await titles('/feeds/@acme.atom')).toEqual(own)
  expect(await titles('/feeds/@acme/redact.atom')).toEqual(own)
  expect(await titles('/feeds/capability-increase.atom')).toEqual(['publish @acme/redact@1.1.0'])
  const text = await (await registry.get('/feeds/@acme.atom')).text()
  expect(text).toContain('<summary>a &lt; b &amp; &quot;c&quot;</summary>')
})
