import { versionDiff } from '@ingot/manifest'
import { expect, test } from 'vitest'
import { testModule } from '../testing/test-module.ts'
import { startRegistry } from '../testing/test-registry.ts'

const asks = (...values: string[]) => ({ 'http.request': [{ why: 'To report.', values }] })

test('two versions are compared: powers, schema with what breaks, dependencies and files', async () => {
  const registry = await startRegistry()
  const schema = (properties: object, required: string[] = []) => ({
    arguments: { type: 'object', properties, required, additionalProperties: false },
  })
  const before = testModule({
    component: {
      capabilities: asks('https://a.example', 'https://eu.b.example'),
      ...schema({ mask: { type: 'string' } }),
    },
    extra: [{ path: 'old.md', content: 'old' }],
  })
  const after = testModule({
    version: '2.0.0',
    readme: '# Another\n',
    component: {
      capabilities: asks('https://*.b.example', 'https://c.example'),
      ...schema({ with: { type: 'string' } }, ['with']),
    },
    manifest: { dependencies: { '@acme/util': '^1.0.0' } as unknown as string },
  })
  expect((await registry.publish(before)).status).toBe(201)
  expect((await registry.publish(after)).status).toBe(201)

  const answer = await registry.get('/api/v1/diff/@acme/redact?from=1.0.0&to=2.0.0')
  const diff = versionDiff.parse(await answer.json())
  expect(diff.capabilities).toEqual({
    added: ['http.request https://c.example'],
    widened: [{ from: 'http.request https://eu.b.example', to: 'http.request https://*.b.example' }],
    removed: ['http.request https://a.example'],
  })
  expect(diff.schema).toEqual([
    { what: 'pii: argument mask', change: 'is gone', breaking: true },
    { what: 'pii: argument with', change: 'is new and required', breaking: true },
  ])
  expect(diff.dependencies).toEqual([{ name: '@acme/util', from: null, to: '^1.0.0' }])
  expect(diff.files.map(({ path, from, to }) => [path, from === null, to === null])).toEqual([
    ['README.md', false, false],
    ['module.json', false, false],
    ['old.md', false, true],
  ])
  expect((await registry.get('/api/v1/diff/@acme/redact?from=1.0.0&to=9.0.0')).status).toBe(404)
  expect((await registry.get('/api/v1/diff/@acme/redact?from=1.0.0')).status).toBe(400)
  const page = await (await registry.get('/@acme/redact/diff/1.0.0...2.0.0')).text()
  expect(page).toContain('https://*.b.example (was http.request https://eu.b.example)')
})
