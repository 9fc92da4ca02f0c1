import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { testModule } from '../testing/test-module.ts'
import { startRegistry } from '../testing/test-registry.ts'

const path = '/api/v1/modules/@acme/redact/downloads'

test('downloads are counted once for who fetches again, by what fetches, without an address', async () => {
  const registry = await startRegistry()
  const { registry: opened } = registry
  const module = testModule()
  await registry.publish(module)
  const blob = `/blobs/sha512/${createHash('sha512').update(module.archive).digest('hex')}`
  for (let i = 0; i < 3; i++) await (await registry.get(blob)).arrayBuffer()
  await fetch(`${registry.url}${blob}`, { method: 'HEAD' })
  await opened.downloads.flush()
  const today = new Date().toISOString().slice(0, 10)
  expect(await (await registry.get(path)).json()).toMatchObject({
    total: 1,
    days: [{ day: today, direct: 1, ci: 0, mirror: 0 }],
  })

  const now = new Date()
  opened.downloads.add(0, { ip: '192.0.2.1', userAgent: 'ingot-mirror', now })
  opened.downloads.add(0, { ip: '192.0.2.200', userAgent: 'ingot-mirror', now })
  opened.downloads.add(0, { ip: '::ffff:198.51.100.7', userAgent: 'ingot (ci)', now })
  opened.downloads.add(0, { ip: '2001:db8:1::1', userAgent: undefined, now })
  await opened.downloads.flush()
  expect(await (await registry.get(`${path}?by=version`)).json()).toMatchObject({
    total: 4,
    versions: [{ version: '1.0.0', direct: 2, ci: 1, mirror: 1 }],
  })
  // Hours that are old become days, and count as before.
  await opened.meta.downloads.rollUp(new Date(Date.now() + 72 * 3_600_000))
  expect(await opened.meta.database.read.selectFrom('downloads_hourly').selectAll().execute()).toEqual([])
  expect(await (await registry.get(path)).json()).toMatchObject({ total: 4 })
  expect(await opened.meta.downloads.ofVersion(0)).toBe(4)
  expect((await registry.get(`${path}?from=2020-01-01&to=2026-01-01`)).status).toBe(400)
})

test('a log is counted once', async () => {
  const { registry } = await startRegistry()
  const counts = [{ logIndex: 0, hour: '2026-11-02T10', class: 'direct', count: 7 }] as const
  expect(await registry.meta.downloads.import('ab', counts, new Date())).toBe(true)
  expect(await registry.meta.downloads.import('ab', counts, new Date())).toBe(false)
  expect(await registry.meta.downloads.ofVersion(0)).toBe(7)
})
