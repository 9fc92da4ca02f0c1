/** A real env for tests: everything lives in a temporary folder. */
import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Capability, CapabilityRequest } from '@ingot/sdk'
import { onTestFinished } from 'vitest'
import { createEnv, type CreatedEnv, type EnvOptions } from './create-env.ts'
import { MetricsRegistry } from './metrics/registry.ts'

export interface TestEnv extends CreatedEnv {
  readonly directory: string
  readonly logs: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[]
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ingot-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** Closed at the end of the test. */
export async function openEnv(
  capabilities: readonly Capability[] | Readonly<Partial<Record<Capability, readonly CapabilityRequest[]>>>,
  more: Partial<Omit<EnvOptions, 'services'>> & { readonly services?: Partial<EnvOptions['services']> } = {},
): Promise<TestEnv> {
  const directory = more.dataDir ?? temporaryDirectory()
  const logs: TestEnv['logs'] = []
  const requests = Array.isArray(capabilities)
    ? Object.fromEntries(capabilities.map((name) => [name, []]))
    : (capabilities as EnvOptions['capabilities'])
  const created = await createEnv({
    id: 'test.component.a',
    args: { value: {}, outputs: [], secrets: [] },
    dataDir: directory,
    lane: { index: 0, count: 1 },
    trusted: true,
    ...more,
    capabilities: requests,
    services: {
      log: (level, message, fields) => logs.push({ level, message, fields }),
      metrics: new MetricsRegistry().scope({ component_id: 'test.component.a' }).metrics,
      internal: { address: 'alloy.internal:12345', basePath: '/api/v0/component/test.component.a/' },
      mount: () => {},
      requestInternal: async () => ({ status: 404 }),
      selfMetrics: async () => new Uint8Array(),
      ...more.services,
    },
  })
  onTestFinished(() => created.close())
  return { ...created, directory, logs }
}
