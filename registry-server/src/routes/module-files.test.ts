import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { startRegistry } from '../testing/test-registry.ts'
import { testModule } from '../testing/test-module.ts'
import { signIn } from '../testing/sign-in.ts'

const page = '<script>alert(document.cookie)</script>\n'
const picture = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]).toString('latin1')

test('single files are served as they are, inert, and for ever', async () => {
  const registry = await startRegistry()
  const extra = [
    { path: 'docs/über #1 100%.html', content: page },
    { path: 'docs/picture.png', content: picture },
  ]
  expect((await registry.publish(testModule({ extra }))).status).toBe(201)
  const base = '/m/@acme/redact/1.0.0/files'
  const found = await registry.get(`${base}/docs/${encodeURIComponent('über #1 100%.html')}`)
  expect([found.status, await found.text()]).toEqual([200, page])
  const { headers } = found
  expect(headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(headers.get('content-security-policy')).toBe("default-src 'none'; sandbox")
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('cache-control')).toContain('immutable')
  const sha256 = createHash('sha256').update(page)
  expect(headers.get('repr-digest')).toBe(`sha-256=:${sha256.digest('base64')}:`)
  const again = await registry.get(`${base}/docs/${encodeURIComponent('über #1 100%.html')}`, {
    'if-none-match': headers.get('etag')!,
  })
  expect(again.status).toBe(304)
  expect((await registry.get(`${base}/docs/picture.png`)).headers.get('content-type')).toBe('application/octet-stream')
  for (const path of ['docs', 'docs/', 'nothing.txt', '..%2f..%2fmodule.json', '%00']) {
    expect([path, (await registry.get(`${base}/${path}`)).status]).toEqual([path, 404])
  }
})

test('files of what is in quarantine are for those who insist, and of what is gone for nobody', async () => {
  const registry = await startRegistry()
  await registry.publish(testModule())
  const headers = await signIn(registry.registry, { name: 'ann', staff: true, roles: { '@acme': 'owner' } })
  const path = '/m/@acme/redact/1.0.0/files/README.md'
  const change = async (what: string): Promise<void> => {
    const answer = await fetch(`${registry.url}/api/v1/modules/@acme/redact/versions/1.0.0/${what}`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'It does harm.' }),
    })
    expect([what, answer.status]).toEqual([what, 200])
  }
  await change('quarantine')
  expect((await registry.get(path)).status).toBe(403)
  expect((await registry.get(`${path}?allow=quarantined`)).status).toBe(200)
})
