import { expect, test } from 'vitest'
import { testModule } from '../testing/test-module.ts'
import { startRegistry } from '../testing/test-registry.ts'

test('GET /compat/renovate lists versions with their times', async () => {
  const { registry, publish, get } = await startRegistry()
  await publish(testModule({ manifest: { source: 'https://git.example/redact' } }))
  await publish(testModule({ version: '1.1.0', manifest: { source: 'https://git.example/redact' } }))
  const answer = await get('/compat/renovate/@acme/redact.json')
  const versions = await registry.meta.versions.list('@acme/redact')
  expect(await answer.json()).toEqual({
    releases: versions.map(({ version, publishedAt }) => ({
      version,
      releaseTimestamp: publishedAt,
      isDeprecated: false,
      sourceUrl: 'https://git.example/redact',
    })),
  })
  expect((await get('/compat/renovate/@acme/none.json')).status).toBe(404)
})
