import type { DsseEnvelope } from '@ingot/trust'
import { expect, test } from 'vitest'
import { testModule } from '../testing/test-module.ts'
import { startRegistry } from '../testing/test-registry.ts'
import { IndexRenderer } from './index-renderer.ts'

const hourMs = 3_600_000

function statementOf(envelope: DsseEnvelope | undefined): { expiresAt: string; logSize: number } {
  return JSON.parse(Buffer.from(envelope!.payload, 'base64').toString()) as never
}

test('IndexRenderer signs an index anew before half a day is left, and when it changes', async () => {
  const { registry, publish } = await startRegistry()
  await publish(testModule())
  const renderer = new IndexRenderer(registry)
  const start = new Date('2026-11-01T00:00:00Z')
  const at = async (hours: number) =>
    statementOf(await renderer.signature('@acme/redact', new Date(start.getTime() + hours * hourMs)))

  const first = await at(0)
  expect(first).toMatchObject({ expiresAt: '2026-11-02T00:00:00.000Z', logSize: 1 })
  expect(await at(11.9)).toEqual(first)
  expect((await at(12)).expiresAt).toBe('2026-11-02T12:00:00.000Z')
  await publish(testModule({ name: '@acme/geo' }))
  expect(await at(13)).toMatchObject({ expiresAt: '2026-11-02T12:00:00.000Z', logSize: 1 })
  await publish(testModule({ version: '1.0.1' }))
  expect(await at(13)).toMatchObject({ expiresAt: '2026-11-02T13:00:00.000Z', logSize: 3 })
  expect(await renderer.signature('@acme/none', start)).toBeUndefined()
})
